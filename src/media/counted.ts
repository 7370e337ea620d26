/** The same content; tells how much of it has passed. */
export async function* counted(
	content: AsyncIterable<Buffer>,
	passed: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer> {
	let bytes = 0;
	for await (const chunk of content) {
		yield chunk;
		bytes += chunk.length;
		passed(bytes);
	}
}
