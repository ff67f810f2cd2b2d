import Postgres

/// An immutable version of a configuration.
public struct ConfigurationVersion: Sendable, Hashable {
    /// The configuration's id.
    public let configurationID: String
    /// The configuration's name.
    public let name: String
    /// The version's id.
    public let versionID: String
    /// The version's number within its configuration, from 1.
    public let number: Int
    /// Whether this call created the version; false where the same text was there.
    public let isNew: Bool
}

extension Session {
    /// Creates a configuration, or a new version of the one of that name; the same text again gives the version that
    /// is there.
    ///
    /// - Throws: `EvaluationError` with code `invalid` for an empty name.
    public func createConfiguration(
        name: String, document: ConfigurationDocument, modalAppID: String? = nil
    ) async throws -> ConfigurationVersion {
        guard !name.isEmpty else { throw EvaluationError(.invalid, "a configuration needs a name") }
        return try await atomically { session in
            // Updating the row locks it, so that two writers of one configuration number their versions in turn.
            let configuration = try await session.connection.query(
                """
                insert into configurations as c (config_id, name, modal_app_id) values ($1, $2, $3)
                on conflict (user_id, name) do update set
                  modal_app_id = coalesce(excluded.modal_app_id, c.modal_app_id)
                returning config_id::text
                """, [.text(Identifier.make()), .text(name), .optional(modalAppID)])
            let id = try configuration.single().get("config_id", as: String.self)
            return try await session.version(of: id, named: name, document: document)
        }
    }

    private func version(
        of id: String, named name: String, document: ConfigurationDocument
    ) async throws -> ConfigurationVersion {
        let existing = try await connection.query(
            """
            select version_id::text, version_number from config_versions
            where config_id = $1 and config_hash = $2
            """, [.text(id), .text(document.hash)])
        if let row = existing.first {
            return ConfigurationVersion(
                configurationID: id, name: name, versionID: try row.get("version_id", as: String.self),
                number: try row.get("version_number", as: Int.self), isNew: false)
        }
        let created = try await connection.query(
            """
            with v as (
              insert into config_versions
                (version_id, config_id, version_number, raw_yaml, parsed_config, config_hash)
              select $2, $1, coalesce(max(version_number), 0) + 1, $3, $4::jsonb, $5
              from config_versions where config_id = $1
              returning version_id, version_number
            ), latest as (
              update configurations set latest_version_id = v.version_id from v where config_id = $1
            )
            select version_id::text, version_number from v
            """,
            [
                .text(id), .text(Identifier.make()), .text(document.source), .text(document.parsed.text),
                .text(document.hash),
            ]
        ).single()
        return ConfigurationVersion(
            configurationID: id, name: name, versionID: try created.get("version_id", as: String.self),
            number: try created.get("version_number", as: Int.self), isNew: true)
    }

    /// The latest version of the configuration of that name, or the version of that id.
    ///
    /// - Throws: `EvaluationError` with code `notFound`.
    public func findConfigurationVersion(_ reference: String) async throws -> String {
        let found = try await connection.query(
            """
            select version_id::text from config_versions where version_id::text = lower($1)
            union all
            select latest_version_id::text from configurations where name = $1 and latest_version_id is not null
            limit 1
            """, [.text(reference)])
        guard let row = found.first else {
            throw EvaluationError(
                .notFound, "there is no configuration named \"\(reference)\", nor a version with that id",
                advice: "Create it with arc.create_configuration(name, yaml).")
        }
        return try row.get("version_id", as: String.self)
    }
}
