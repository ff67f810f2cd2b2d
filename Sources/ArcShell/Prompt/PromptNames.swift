import ArcHost
import ArcKit
import Postgres
import Synchronization

/// What can go on with a text at the prompt: names of Lua, `\` commands, SQL's words, tables, columns and recent
/// simulations. What the database knows is fetched beside the prompt; a TAB never waits for it.
final class PromptNames: Sendable {
    private struct Known {
        var tables: [String] = []
        var columns: [String] = []
        var simulations: [String] = []
    }

    private let known = Mutex(Known())

    private static let sqlWords = [
        "select", "from", "where", "group by", "order by", "having", "limit", "join", "left join", "with",
        "insert into",
        "update", "delete from", "create table", "explain", "values", "count(*)", "distinct", "between",
        "is null",
    ]

    /// Takes over what a database has. An error leaves things as they were: completion isn't worth a word.
    func refresh(from store: Store) async {
        guard
            let fresh = try? await store.read({ session in
                try await session.connection.query(
                    """
                    select
                      array(select table_name::text from information_schema.tables
                        where table_schema = any (current_schemas(false)) and table_name !~ '^outcomes_p[0-9]'
                        order by 1) as tables,
                      array(select distinct column_name::text from information_schema.columns
                        where table_schema = any (current_schemas(false)) order by 1) as columns
                    """
                ).single()
            }), let tables = try? fresh.get("tables", as: [String].self),
            let columns = try? fresh.get("columns", as: [String].self)
        else { return }
        let simulations = (try? await store.read { try await $0.simulations(limit: 50) }) ?? []
        let references = ["latest"] + simulations.flatMap { [$0.name, $0.id].compactMap(\.self) }
        known.withLock {
            $0 = Known(tables: tables, columns: columns, simulations: Array(Set(references)).sorted())
        }
    }

    /// The ways to go on with the text before the cursor.
    func candidates(_ text: String, _ cursor: Int, _ lua: LuaQuestions) -> [Completion] {
        let before = String(decoding: text.utf8.prefix(cursor), as: UTF8.self)
        if before.hasPrefix("\\format ") {
            return Self.matching(String(before.dropFirst(8)), TableFormat.allCases.map(\.rawValue))
        }
        if before.trimmed.hasPrefix("\\"), !before.contains(" ") {
            return Self.matching(before.trimmed, MetaCommand.names.map { "\\" + $0 })
        }
        if let quote = before.lastIndex(where: { $0 == "\"" || $0 == "'" }), Self.isOpen(before, quote) {
            let fragment = String(before[before.index(after: quote)...])
            return Self.matching(fragment, known.withLock { $0.simulations })
        }
        let word = String(
            before.reversed().prefix { $0.isLetter || $0.isNumber || "_.:".contains($0) }.reversed())
        let names = SQLText.startsLikeSQL(before) || before.hasPrefix("\\") ? sqlNames() : []
        return luaNames(word, lua) + Self.matching(word, names)
    }

    private func sqlNames() -> [String] {
        known.withLock { Array(Set(Self.sqlWords + $0.tables + $0.columns)).sorted() }
    }

    private func luaNames(_ word: String, _ lua: LuaQuestions) -> [Completion] {
        var path = word.split(omittingEmptySubsequences: false) { $0 == "." || $0 == ":" }.map(String.init)
        let fragment = path.popLast() ?? ""
        return lua.keys(of: path).filter { $0.name.hasPrefix(fragment) }.map { key in
            Completion(fragment, key.kind == "function" ? key.name + "(" : key.name, label: key.name)
        }
    }

    private static func matching(_ fragment: String, _ names: [String]) -> [Completion] {
        names.filter { $0.lowercased().hasPrefix(fragment.lowercased()) }.map { Completion(fragment, $0) }
    }

    /// Whether a quote before the cursor opens a text that hasn't ended.
    private static func isOpen(_ before: String, _ quote: String.Index) -> Bool {
        let mark = before[quote]
        return before[...quote].count { $0 == mark } % 2 == 1
    }
}
