import ArcKit
import LuaBridge
import Postgres

extension Library {
    var configurationBindings: [Binding] {
        [
            Binding(
                "arc.create_configuration",
                "Creates a configuration, or a new version of the one of that name. The same text again gives the version that is there.",
                [
                    .required("name", .string, "the configuration's name"),
                    .required("yaml", .either(.string, .table), "the configuration as YAML, or as a table"),
                    .optional(
                        "options",
                        .record(
                            "ConfigurationOptions", [.optional("modal_app_id", .string, "its Modal app")]),
                        "what else is known"),
                ],
                returns: (.table, "config_id, version_id, version_number, is_new"),
                effects: [.databaseWrite],
                example: """
                    local version = arc.create_configuration("help-example", "model: small\\ntemperature: 0")
                    assert(version.version_number == 1)
                    """,
                .waiting { arguments in
                    let source: String
                    if let text = arguments.string("yaml") {
                        source = text
                    } else {
                        source = try JSONValue(arguments["yaml"] ?? .nil, function: arguments.function).text
                    }
                    let document = try ConfigurationDocument(yaml: source)
                    let options = arguments.fields("options")
                    let version = try await host.store().session(.idempotentWrite) { session in
                        try await session.createConfiguration(
                            name: arguments.text("name"), document: document,
                            modalAppID: options.string("modal_app_id"))
                    }
                    return [
                        .table(
                            LuaTable([
                                "config_id": .string(version.configurationID),
                                "version_id": .string(version.versionID),
                                "version_number": .integer(Int64(version.number)),
                                "is_new": .boolean(version.isNew),
                            ]))
                    ]
                })
        ]
    }
}
