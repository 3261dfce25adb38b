/** All of the mutants. */
import { mutants, quickMutants } from './mutants.ts';
import { testMutants } from './test-mutants.ts';

testMutants([...quickMutants, ...mutants]);
