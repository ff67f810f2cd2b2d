public import ArcKit
import LuaBridge

/// What somebody set for plugins: in arc's configuration file, and for one command.
///
///     plugins:
///       quality:
///         threshold: 0.8
public struct PluginSettings: Sendable {
    /// A setting for one command, as `--set quality.threshold=0.8` gives it.
    public struct Given: Sendable, Hashable {
        /// The plugin's name.
        public let plugin: String
        /// The setting's name.
        public let name: String
        /// Its value as text.
        public let text: String

        /// The setting that a text such as `quality.threshold=0.8` says; nil where it says none.
        public init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let place = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            guard place.count == 2, place.allSatisfy({ !$0.isEmpty }) else { return nil }
            (plugin, name, self.text) = (String(place[0]), String(place[1]), String(parts[1]))
        }
    }

    /// Reads the `plugins` of the configuration file.
    var file: @Sendable () throws -> JSONValue
    /// The configuration file's path, for messages.
    var path: String
    var given: [Given]

    /// Settings; those given for a command count before the file's.
    ///
    /// - Parameter file: reads the `plugins` of the configuration file; called only for a plugin that has settings.
    public init(
        file: @escaping @Sendable () throws -> JSONValue = { .null }, path: String = "", given: [Given] = []
    ) {
        self.file = file
        self.path = path
        self.given = given
    }

    /// The values for a plugin: what was given, else what the file says, else the defaults.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the plugin, the setting, where it stands, and what was expected.
    func values(for manifest: PluginManifest) throws -> LuaTable {
        let fields = manifest.configuration
        var values: [String: LuaValue] = [:]
        if !fields.isEmpty, let own = try file()[manifest.name], !own.isNull {
            guard case .object(let members) = own else {
                throw HostError(
                    .plugin,
                    "\(path): plugins.\(manifest.name) must be a mapping of settings, not \(own.kind)")
            }
            for member in members {
                let place = "\(path): plugins.\(manifest.name)"
                let field = try Self.field(member.name, of: manifest, place)
                values[member.name] = try field.checked(LuaValue(member.value), place: place)
            }
        }
        for setting in given where setting.plugin == manifest.name {
            let place = "--set \(setting.plugin).\(setting.name)=\(setting.text)"
            let field = try Self.field(setting.name, of: manifest, place)
            values[setting.name] = try field.value(of: setting.text, place: place)
        }
        var table = LuaTable(kind: .object)
        for field in fields {
            let value = values[field.name] ?? field.standard
            guard !value.isAbsent || !field.isRequired else {
                throw HostError(
                    .plugin, "plugin \(manifest.name) needs a value for \(field.name): \(field.summary)",
                    advice: "Set it with --set \(manifest.name).\(field.name)=…, or in arc's config.yaml:\n"
                        + "plugins:\n  \(manifest.name):\n    \(field.name): …")
            }
            table[field.name] = value.isAbsent ? .nil : value
        }
        return table
    }

    private static func field(
        _ name: String, of manifest: PluginManifest, _ place: String
    ) throws -> ConfigurationField {
        if let field = manifest.configuration.first(where: { $0.name == name }) { return field }
        let names = manifest.configuration.map(\.name)
        throw HostError(
            .plugin, "\(place): plugin \(manifest.name) has no setting \"\(name)\"",
            advice: NearestName.of(name, among: names).map { "Did you mean \"\($0)\"?" }
                ?? (names.isEmpty ? "It has none." : "It has: \(names.joined(separator: ", "))."))
    }
}

/// A setting that a plugin's manifest declares.
struct ConfigurationField: Sendable {
    /// What its value is.
    enum Kind: String, Sendable, CaseIterable {
        case string, number, integer, boolean, list
    }

    let name: String
    let kind: Kind
    let standard: LuaValue
    let isRequired: Bool
    let summary: String
    let type: ParameterType

    /// A setting of a manifest that was checked against its schema.
    ///
    /// - Throws: `HostError` with code `plugin` where its default isn't one of its values, or its bounds cross.
    init(_ field: LuaTable.Field, file: String, lines: ManifestLines) throws {
        let fields = field.value.table ?? LuaTable()
        name = field.name ?? ""
        kind = Kind(rawValue: fields["type"].stringValue ?? "") ?? .string
        summary = fields["summary"].stringValue ?? ""
        isRequired = fields["required"].boolValue ?? false
        standard = fields["default"]
        let line = lines.line(of: "config.\(name)") ?? 1
        let low = fields["minimum"].numberValue ?? -Double.greatestFiniteMagnitude
        let high = fields["maximum"].numberValue ?? Double.greatestFiniteMagnitude
        guard low <= high else {
            throw HostError(.plugin, "\(file):\(line): config.\(name): minimum is above maximum")
        }
        let choices = (fields["choices"].table?.array ?? []).compactMap(\.stringValue)
        type =
            switch kind {
            case .string: choices.isEmpty ? .string : .choice(choices)
            case .number: .number(low...high)
            case .integer: .integer(Int64(clamping: low.rounded(.up))...Int64(clamping: high.rounded(.down)))
            case .boolean: .boolean
            case .list: .list(.string)
            }
        guard !standard.isAbsent else { return }
        do {
            _ = try checked(standard, place: "\(file):\(line): the default of config")
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        }
    }

    /// The value, where it is one of this setting's.
    ///
    /// - Throws: `HostError` with code `plugin`, which begins with the place.
    func checked(_ value: LuaValue, place: String) throws -> LuaValue {
        do {
            try ArgumentCheck(function: place).check(
                value, against: .required(name, type, ""), place: name)
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        }
        return value
    }

    /// The value that a text writes; a list's items stand between commas.
    func value(of text: String, place: String) throws -> LuaValue {
        let value: LuaValue =
            switch kind {
            case .string: .string(text)
            case .number: Double(text).map(LuaValue.number) ?? .string(text)
            case .integer: Int64(text).map(LuaValue.integer) ?? .string(text)
            case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
            case .list:
                .table(
                    LuaTable(
                        array: text.split(separator: ",").map { .string(String($0)) }, kind: .array))
            }
        return try checked(value, place: place)
    }
}

extension Int64 {
    /// The nearest integer that there is.
    fileprivate init(clamping value: Double) {
        self = Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }
}
