/** Member ids as the names of the drill's nodes. */
export interface KnownMember {
  readonly id: string;
  readonly name: string | null;
  readonly urls: readonly string[];
}

export interface MemberNames {
  /** A node's own status told its id: the surest source. */
  readonly learn: (id: string, node: string) => void;
  readonly learnAll: (members: readonly KnownMember[]) => void;
  /** The node's name, or null when this id was never heard of. */
  readonly nameOf: (id: string) => string | null;
}

/** One table per cluster, shared by its clients. A restored cluster has new ids; old ones do no harm. */
export function memberNames(nodes: readonly { readonly name: string; readonly url: string }[]): MemberNames {
  const told = new Map<string, string>();
  const listed = new Map<string, string>();
  const nodeOf = (member: KnownMember): string =>
    nodes.find((node) => node.name === member.name)?.name ??
    nodes.find((node) => member.urls.some((url) => sameHost(url, node.url)))?.name ??
    // Not one of the drill's nodes: its own name says more than none.
    (member.name || member.id);
  return {
    learn: (id, node) => void told.set(id, node),
    learnAll: (members) => {
      for (const member of members) listed.set(member.id, nodeOf(member));
    },
    nameOf: (id) => told.get(id) ?? listed.get(id) ?? null,
  };
}

const sameHost = (a: string, b: string): boolean =>
  URL.canParse(a) && URL.canParse(b) && new URL(a).host === new URL(b).host;
