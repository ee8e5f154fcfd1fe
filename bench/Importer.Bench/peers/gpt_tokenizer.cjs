// Times the npm package gpt-tokenizer on a text: seconds of processor time (median), number of ids, their checksum, version.
const fs = require('fs');
const { encode, clearMergeCache } = require('gpt-tokenizer/encoding/r50k_base');
const text = fs.readFileSync(process.argv[2], 'utf8');
const options = { disallowedSpecial: new Set() };
const seconds = [];
let ids;
let warm = 2;
while (seconds.length < Number(process.argv[3])) {
    if (clearMergeCache) clearMergeCache();
    const start = process.cpuUsage();
    ids = encode(text, options);
    const used = process.cpuUsage(start);
    const time = (used.user + used.system) / 1e6;
    if (warm > 0) warm -= time;
    else seconds.push(time);
}

seconds.sort((a, b) => a - b);
let sum = 0;
for (const id of ids) sum = (Math.imul(sum, 31) + id) >>> 0;
const version = JSON.parse(fs.readFileSync(require.resolve('gpt-tokenizer').replace(/gpt-tokenizer[\\/].*/, 'gpt-tokenizer/package.json'))).version;
console.log(seconds[seconds.length >> 1], ids.length, sum, version);
