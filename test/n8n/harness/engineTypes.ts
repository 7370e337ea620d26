/** Node types and credentials for the engine, from what a test hands in. */
import {
	ICredentialsHelper,
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialType,
	type IDataObject,
	type IHttpRequestOptions,
	type INodeCredentialsDetails,
	type INodeParameters,
	type INodeProperties,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { PACKAGE_NAME } from './install';

export interface TestCredential {
	type: string;
	data: IDataObject;
}

export class TestNodeTypes implements INodeTypes {
	readonly #types: Map<string, INodeType>;

	constructor(types: INodeType[]) {
		this.#types = new Map(
			types.map((type) => [`${PACKAGE_NAME}.${type.description.name}`, type] as const),
		);
	}

	getByName(name: string): INodeType | IVersionedNodeType {
		return this.getByNameAndVersion(name);
	}

	getByNameAndVersion(name: string, version?: number): INodeType {
		const type = this.#types.get(name);
		if (!type) throw new Error(`Unknown node type "${name}": hand it to Engine.create().`);
		return NodeHelpers.getVersionedNodeType(type, version);
	}

	getKnownTypes(): IDataObject {
		return {};
	}
}

export class TestCredentials extends ICredentialsHelper {
	constructor(
		private readonly types: ICredentialType[],
		private readonly credentials: Record<string, TestCredential>,
	) {
		super();
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		{ id }: INodeCredentialsDetails,
		typeName: string,
	): Promise<ICredentialDataDecryptedObject> {
		const credential = this.credentials[id ?? ''];
		if (credential?.type !== typeName) {
			throw new Error(`There is no credential "${id}" of type "${typeName}".`);
		}
		// As n8n does it: what was not filled in has the default of its field.
		return NodeHelpers.getNodeParameters(
			this.getCredentialsProperties(typeName),
			credential.data as INodeParameters,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
	}

	getCredentialsProperties(typeName: string): INodeProperties[] {
		return this.types.find(({ name }) => name === typeName)?.properties ?? [];
	}

	getParentTypes = (): string[] => [];

	isCredentialUsableByNode = (): boolean => true;

	authenticate = async (
		_credentials: ICredentialDataDecryptedObject,
		_type: string,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => options;

	preAuthentication = async (): Promise<undefined> => undefined;

	runPreAuthentication = async (): Promise<undefined> => undefined;

	getCredentials = async (): Promise<ICredentials> => {
		throw new Error('The engine harness keeps no encrypted credentials.');
	};

	updateCredentials = async () => {};

	updateCredentialsOauthTokenData = async () => {};
}
