import { paths, testOnRealRedis } from './real-paths.ts';

testOnRealRedis(paths.map(({ description }) => description));
