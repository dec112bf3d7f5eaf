/** Files that a program writes and that nobody reads line by line: lock files, minified and generated code, snapshots. */
const patterns: readonly RegExp[] = [
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock)$/,
  /(?:^|\/)(?:Cargo|poetry|uv|Pipfile|composer|Gemfile|mix|flake|pubspec|Podfile|packages|paket)\.lock$/,
  /(?:^|\/)(?:go\.sum|gradle\.lockfile|Package\.resolved|Cartfile\.resolved)$/,
  /\.min\.(?:js|css|mjs)$|\.(?:js|css|mjs)\.map$/,
  /(?:^|\/)(?:__snapshots__|__generated__|generated|node_modules|vendor|third_party)\//,
  /\.snap$|\.g\.dart$|\.pb\.(?:go|cc|h)$|_pb2(?:_grpc)?\.py$|\.generated\.\w+$|\.designer\.cs$/i,
];

/**
 * True where a diff is folded at first, since its path says that a program wrote the file. What stands in a file says nothing: whoever
 * wants a change overlooked could write it there.
 */
export function isGenerated(path: string): boolean {
  return patterns.some(pattern => pattern.test(path));
}
