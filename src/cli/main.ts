#!/usr/bin/env node
/** The command `bellwether`. Sets the exit code and lets the process end by itself, so that all output gets out. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2));
