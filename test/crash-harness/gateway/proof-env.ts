/** What the worker is given in a proof: its bindings, and where the test listens. */
export type ProofEnv = Env & {
  readonly PROOF_URL: string;
  /** Whether each payer has a clearing of their own, or as it is deployed. */
  readonly PROOF_CLEARINGS: 'own' | 'shared';
};
