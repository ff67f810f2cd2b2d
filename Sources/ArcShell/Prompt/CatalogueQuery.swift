import ArcHost
import Postgres

/// What `\d` asks the database.
enum CatalogueQuery {
    /// The tables and views on the search path; partitions count with their table.
    static func tables(on connection: Connection) async throws -> QueryResult {
        try await connection.query(
            """
            select c.relname::text as name,
              case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                when 'p' then 'partitioned table' else 'table' end as kind,
              (select sum(greatest(t.reltuples, 0))::bigint from pg_class t
               where t.oid = c.oid or t.oid in (select i.inhrelid from pg_inherits i where i.inhparent = c.oid)
              ) as "rows (estimate)",
              pg_size_pretty(case when c.relkind = 'p' then
                (select coalesce(sum(pg_total_relation_size(i.inhrelid)), 0) from pg_inherits i
                 where i.inhparent = c.oid)
                else pg_total_relation_size(c.oid) end) as size
            from pg_class c
            where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
              and c.relnamespace = any (current_schemas(false)::regnamespace[])
            order by 1
            """)
    }

    /// The columns of a table.
    ///
    /// - Throws: `HostError` where there is no such table.
    static func columns(of table: String, on connection: Connection) async throws -> QueryResult {
        let found = try await connection.query(
            """
            select a.attname::text as column, format_type(a.atttypid, a.atttypmod) as type,
              case when a.attnotnull then 'not null' end as nullable,
              pg_get_expr(d.adbin, d.adrelid) as default
            from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
            order by a.attnum
            """, [.text(table)])
        guard !found.isEmpty else {
            throw HostError(.argument, "there is no table \"\(table)\"", advice: "\\d lists the tables.")
        }
        return found
    }
}
