// Measures feelin, the interpreter of the form viewer: node feelin.mjs MODULE < {"expressions", "context", "seconds"} > seconds per round.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { evaluate } = await import(pathToFileURL(process.argv[2]));
const { expressions, context, seconds } = JSON.parse(readFileSync(0, 'utf8'));
const round = () => expressions.map((expression) => evaluate(expression, context).value);

const values = round();
for (let until = performance.now() + 200; performance.now() < until;) round(); // until it is compiled
let rounds = 0;
const began = process.cpuUsage();
for (let until = performance.now() + seconds * 1000; performance.now() < until;) {
  round();
  rounds += 1;
}
const { user, system } = process.cpuUsage(began);
process.stdout.write(JSON.stringify({ values, seconds: (user + system) / 1e6 / rounds }));
