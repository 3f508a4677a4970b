/** What the worker is given in a proof: its bindings, and where the test listens. */
export type ProofEnv = Env & { readonly PROOF_URL: string };
