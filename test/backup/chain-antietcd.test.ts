import { chainContract } from './chain-contract.js';

chainContract('antietcd-3', 21_000);
