// tsc compiles; gulp copies what tsc leaves behind: icons and codex files.
const { src, dest, parallel } = require('gulp');

const copy = (from) => () =>
	src([`${from}/**/*.{svg,png,node.json}`], { encoding: false }).pipe(dest(`dist/${from}`));

exports.assets = parallel(copy('nodes'), copy('credentials'));
