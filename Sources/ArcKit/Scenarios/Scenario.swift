/// What an agent is asked to do. Whatever isn't known is nil.
public struct Scenario: Sendable, Hashable {
    /// Its identifier, unique in the database.
    public var id: String
    /// A name for people; the id where none was given.
    public var name: String?
    /// What the agent is asked.
    public var taskPrompt: String?
    /// How hard it is: easy, medium, hard or a word of the user's own.
    public var difficulty: String?
    /// Labels to filter and group by.
    public var tags: [String]
    /// The tools that a good answer uses, as JSON.
    public var expectedTools: JSONValue?
    /// Where a model puts its prompt, to find similar ones.
    public var embedding: Embedding?

    /// A scenario of that id.
    public init(
        id: String, name: String? = nil, taskPrompt: String? = nil, difficulty: String? = nil,
        tags: [String] = [], expectedTools: JSONValue? = nil, embedding: Embedding? = nil
    ) {
        self.id = id
        self.name = name
        self.taskPrompt = taskPrompt
        self.difficulty = difficulty
        self.tags = tags
        self.expectedTools = expectedTools
        self.embedding = embedding
    }

    /// Whether nothing but its id is known.
    var isBare: Bool {
        name == nil && taskPrompt == nil && difficulty == nil && tags.isEmpty
            && (expectedTools?.isNull ?? true) && embedding == nil
    }

    /// This scenario with what `newer` knows; a value that it doesn't give stays.
    func filled(by newer: Scenario) -> Scenario {
        Scenario(
            id: id, name: newer.name ?? name, taskPrompt: newer.taskPrompt ?? taskPrompt,
            difficulty: newer.difficulty ?? difficulty, tags: newer.tags.isEmpty ? tags : newer.tags,
            expectedTools: newer.expectedTools.flatMap { $0.isNull ? nil : $0 } ?? expectedTools,
            embedding: newer.embedding ?? embedding)
    }

    /// The scenario as JSON with the names of its columns, for `jsonb_to_recordset`.
    var json: JSONValue {
        .members(
            ("scenario_id", .string(id)), ("name", .string(name ?? id)),
            ("task_prompt", taskPrompt.map(JSONValue.string) ?? .null),
            ("difficulty_level", difficulty.map(JSONValue.string) ?? .null),
            ("tags", .array(tags.map(JSONValue.string))), ("expected_tools", expectedTools ?? .null))
    }
}
