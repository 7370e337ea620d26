const MARGIN = '░░';

/**
 * A QR code in words for n8n's credential test message, which is plain text with collapsed white
 * space: each row of half blocks is one word, so rows wrap to one a line. Light is ░ and not a
 * space, which would break the columns. Measured to decode from a screenshot (design notes).
 */
export async function qrText(content: string): Promise<string> {
	const { create } = await import('qrcode');
	const { size, data } = create(content, { errorCorrectionLevel: 'L' }).modules;
	const dark = (x: number, y: number) => y < size && data[y * size + x] === 1;
	const blank = '░'.repeat(size + 2 * MARGIN.length);
	const rows = [blank];
	for (let y = 0; y < size; y += 2) {
		let row = '';
		for (let x = 0; x < size; x++) {
			const top = dark(x, y);
			const bottom = dark(x, y + 1);
			row += top ? (bottom ? '█' : '▀') : bottom ? '▄' : '░';
		}
		rows.push(MARGIN + row + MARGIN);
	}
	rows.push(blank);
	return rows.join(' ');
}
