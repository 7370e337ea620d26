/** The page itself: no picture, font or script from elsewhere, readable on a phone and a laptop. */

const STYLE = `
:root { color-scheme: light dark; --ground: #f4f6f5; --card: #fff; --text: #14251f; --soft: #5c6d66; --line: #dfe6e2; --accent: #0b7a55; }
@media (prefers-color-scheme: dark) { :root { --ground: #101614; --card: #1a2320; --text: #e8efec; --soft: #9db0a8; --line: #2c3935; --accent: #35c48d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 440px; padding: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 16px; text-align: center; }
h1 { margin: 0 0 4px; font-size: 22px; line-height: 1.25; }
p { margin: 0 0 16px; color: var(--soft); }
ol { margin: 20px 0 0; padding: 0 0 0 22px; text-align: left; }
li + li { margin-top: 6px; }
#qr { display: block; width: 100%; max-width: 320px; aspect-ratio: 1; margin: 16px auto 0; padding: 12px; background: #fff; border-radius: 12px; image-rendering: pixelated; }
#code { margin: 16px 0 0; font: 700 34px/1.2 ui-monospace, monospace; letter-spacing: 3px; }
form { display: flex; gap: 8px; margin-top: 12px; }
input { flex: 1; min-width: 0; padding: 10px 12px; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; }
button { padding: 10px 16px; font: inherit; font-weight: 600; color: #fff; background: #0b7a55; border: 0; border-radius: 8px; cursor: pointer; }
details { margin-top: 20px; text-align: left; }
summary { cursor: pointer; color: var(--accent); }
#problem { margin: 16px 0 0; color: #b3261e; }
@media (prefers-color-scheme: dark) { #problem { color: #ff8a80; } }
#done { font-size: 56px; line-height: 1; color: var(--accent); }
[hidden] { display: none !important; }
`;

const SCRIPT = `
const show = (id, on) => { document.getElementById(id).hidden = !on; };
const text = (id, value) => { document.getElementById(id).textContent = value; };
let stream;
const warn = (message) => { text('problem', message || ''); show('problem', Boolean(message)); };
function listen(phone, note) {
  if (stream) stream.close();
  warn(note);
  const query = new URLSearchParams({ events: '1' });
  if (phone) query.set('phone', phone);
  stream = new EventSource(location.pathname + '?' + query);
  stream.addEventListener('offer', ({ data }) => {
    const offer = JSON.parse(data);
    document.getElementById('qr').src = offer.picture;
    show('wait', false); show('link', true); warn(offer.problem || note);
    show('code', Boolean(offer.code)); show('typed', Boolean(offer.code)); show('scanned', !offer.code);
    text('code', offer.code || '');
  });
  stream.addEventListener('linked', ({ data }) => {
    stream.close();
    text('number', JSON.parse(data).number);
    show('link', false); show('wait', false); warn(); show('linked', true);
  });
  stream.addEventListener('problem', ({ data }) => {
    warn(JSON.parse(data).message); show('wait', false);
  });
  stream.addEventListener('refused', ({ data }) => listen(undefined, JSON.parse(data).message));
  stream.addEventListener('over', () => {
    stream.close();
    show('link', false); show('over', true);
  });
}
document.getElementById('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  listen(document.getElementById('phone').value);
});
document.getElementById('again').addEventListener('click', () => location.reload());
listen();
`;

/** @param nonce lets this page's own style and script run, and nothing else */
export function linkPageHtml(nonce: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Link your WhatsApp number</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>Link your WhatsApp number</h1>
<p>Workflows of this n8n will then send and receive as you. You can end it at any time on the phone, under Linked devices.</p>
<div id="wait" role="status"><p>Getting a code&hellip;</p></div>
<div id="link" hidden>
<img id="qr" alt="QR code to scan with WhatsApp" width="320" height="320">
<div id="code" hidden></div>
<ol id="scanned">
<li>Open <b>WhatsApp</b> on your phone.</li>
<li>Tap <b>Settings &gt; Linked devices &gt; Link a device</b>.</li>
<li>Point the phone at this code. It renews itself.</li>
</ol>
<ol id="typed" hidden>
<li>Open <b>WhatsApp</b> on your phone.</li>
<li>Tap <b>Settings &gt; Linked devices &gt; Link a device &gt; Link with phone number instead</b>.</li>
<li>Type this code, or scan the picture.</li>
</ol>
<details>
<summary>On the phone itself? Use a code instead</summary>
<form id="ask">
<input id="phone" type="tel" autocomplete="tel" required placeholder="+1 555 010 0123" aria-label="Your phone number with country code">
<button>Get code</button>
</form>
</details>
</div>
<div id="linked" role="status" hidden>
<div id="done">&#10003;</div>
<h1>Linked</h1>
<p>Connected as <span id="number"></span>. You can close this page.</p>
</div>
<div id="over" hidden>
<p>Nobody has scanned the code for a while.</p>
<button id="again">Show a new code</button>
</div>
<div id="problem" role="alert" hidden></div>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}
