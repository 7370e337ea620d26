// jest runs tests in a context of its own, where errors thrown by Node's core (node:fs, node:sqlite,
// TLS) are of another realm: `instanceof Error` is false for them as it never is in n8n. This makes
// `instanceof Error` say what it says outside of jest.
const ordinary = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
	value(error) {
		return this === Error ? Error.isError(error) : ordinary.call(this, error);
	},
});

// Baileys leaves timers behind when a socket closes (30 s in uploadPreKeys of rc14). They must not
// keep a worker of jest that is done from ending.
const start = globalThis.setTimeout;
const unheld = (...given) => {
	const timer = start(...given);
	timer.unref?.();
	return timer;
};
// promisify() finds its own version on the function.
globalThis.setTimeout = Object.defineProperties(unheld, Object.getOwnPropertyDescriptors(start));
