/** The contract of the ports, kept by the memory store. */
import { contract } from './contract.ts';
import { openMemoryWorld } from './memory-world.ts';

contract('memory', openMemoryWorld);
