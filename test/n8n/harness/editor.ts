/** n8n's editor in Chromium, used as a person uses it: by what stands on the screen. */
import type { Browser, Page, Window } from './browser';
import { OWNER } from './rest';

const CREDENTIAL = 'WhatsApp Linked Device API';

export class Editor {
	private constructor(
		readonly url: string,
		readonly page: Page,
	) {}

	/** Opens a window and logs in with the owner's mail address and password. */
	static async logIn(browser: Browser, url: string, window: Window = {}): Promise<Editor> {
		const page = await browser.open(window);
		await page.goto(`${url}/signin`);
		await page.fill('input[name=emailOrLdapLoginId]', OWNER.email);
		await page.fill('input[name=password]', OWNER.password);
		await page.click('[data-test-id=form-submit-button]');
		await page.waitForURL(/\/home\//);
		return new Editor(url, page);
	}

	async close() {
		await this.page.context().close();
	}

	/** Opens a workflow with all of it on the screen; resolves with the names of its nodes there. */
	async openWorkflow(id: string, count: number): Promise<string[]> {
		const { page } = this;
		await page.goto(`${this.url}/workflow/${id}`);
		const nodes = page.locator('[data-test-id=canvas-node]');
		await nodes.nth(count - 1).waitFor();
		await page.keyboard.press('1'); // fits the canvas to the window
		return await nodes.evaluateAll((all) =>
			all.map((node) => node.getAttribute('data-node-name') ?? ''),
		);
	}

	/** Opens a node of the open workflow. */
	async openNode(name: string) {
		await this.page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`).dblclick();
		await this.page.locator('[data-test-id=ndv]').waitFor();
	}

	async closeNode() {
		await this.page.keyboard.press('Escape');
		await this.page.locator('[data-test-id=ndv]').waitFor({ state: 'hidden' });
	}

	/** A picture for the documents: with UPDATE_PICTURES=1 only, so that a test changes no file. */
	async picture(file: string) {
		if (!process.env.UPDATE_PICTURES) return;
		await this.page.mouse.move(0, 0);
		await this.page.screenshot({
			path: file,
			animations: 'disabled',
			// What lies over it for a moment.
			style: '[role=tooltip], [role=alert] { visibility: hidden !important }',
		});
	}

	/** Credentials > Create credential > the type, as far as the dialog with its fields. */
	async newCredential(type = CREDENTIAL): Promise<CredentialDialog> {
		const { page } = this;
		await page.goto(`${this.url}/home/credentials`);
		await page.click('[data-test-id=add-resource-credential]');
		await page.fill('[data-test-id=new-credential-type-select] input', type);
		await page
			.locator('[data-test-id=new-credential-type-select-option]')
			.filter({ hasText: type })
			.first()
			.click();
		await page.click('[data-test-id=new-credential-type-button]');
		return await this.#dialog();
	}

	/** Opens a credential that exists already; n8n tests it as soon as it is open. */
	async openCredential(id: string): Promise<CredentialDialog> {
		await this.page.goto(`${this.url}/home/credentials/${id}`);
		return await this.#dialog();
	}

	async #dialog() {
		await this.page.locator('[data-test-id=editCredential-modal]').waitFor();
		return new CredentialDialog(this.page);
	}
}

export class CredentialDialog {
	readonly #modal;

	constructor(readonly page: Page) {
		this.#modal = page.locator('[data-test-id=editCredential-modal]');
	}

	/** Types into a field, by its internal name. */
	async fill(field: string, value: string) {
		await this.#field(field).locator('input, textarea').first().fill(value);
	}

	/** Chooses from a list, by the name that is shown. */
	async choose(field: string, option: string) {
		await this.#field(field).locator('input').first().click();
		await this.page
			.locator('[data-test-id=parameter-input-item]:visible')
			.getByText(option, { exact: true })
			.first()
			.click();
	}

	/** Presses Save, which also starts the credential test, and waits for its outcome. */
	async save() {
		await this.#modal.locator('[data-test-id=credential-save-button]').click();
		return await this.outcome();
	}

	/** Presses Retry and waits for the outcome of the new test. */
	async retry() {
		const tested = this.page.waitForResponse((each) => each.url().endsWith('/credentials/test'));
		await this.#modal.getByRole('button', { name: 'Retry' }).click();
		await tested;
		return await this.outcome();
	}

	/** Waits until the dialog is green or red. */
	async outcome(): Promise<'green' | 'red'> {
		await this.#green().or(this.#red()).first().waitFor({ timeout: 60_000 });
		return (await this.#green().isVisible()) ? 'green' : 'red';
	}

	/**
	 * Opens "More details", scrolls to what it shows, and returns the text there: the message of the
	 * credential test.
	 */
	async moreDetails(): Promise<string> {
		const link = this.#modal.getByText('More details', { exact: true }).first();
		await link.click();
		await link.waitFor({ state: 'hidden' });
		await this.scrollToMessage();
		return await this.#modal
			.locator('[data-test-id=node-credentials-config-container]')
			.innerText();
	}

	/** Scrolls within the dialog, as far as the test's message begins at its top. */
	async scrollToMessage() {
		await this.#modal
			.getByRole('button', { name: 'Retry' })
			.evaluate((button) => button.scrollIntoView({ block: 'start' }));
	}

	/** The whole window. */
	async screenshot(file?: string): Promise<Buffer> {
		return await this.page.screenshot({ ...(file ? { path: file } : {}), animations: 'disabled' });
	}

	/** What a phone sees that is held before the dialog. */
	async photo(): Promise<Buffer> {
		return await this.#modal.screenshot({ animations: 'disabled' });
	}

	#field = (name: string) => this.#modal.locator(`[data-test-id="parameter-input-${name}"]`);
	#green = () => this.#modal.getByText('Connection tested successfully');
	#red = () => this.#modal.getByText(/Couldn.t connect with these settings/);
}
