import Postgres

/// How two scenarios were compared.
public enum SimilarityMethod: String, Sendable, Hashable, CaseIterable {
    /// The cosine of their embeddings, of which every one was looked at.
    case exact
    /// The cosine of their embeddings, found through pgvector's HNSW index, which may overlook some.
    case hnsw
    /// The trigrams of their prompts.
    case trigram
}

/// What similar scenarios are looked for, and among which.
public struct SimilarityQuestion: Sendable {
    /// By what scenarios are compared.
    public enum Basis: String, Sendable, CaseIterable {
        /// By embeddings, and by trigrams those that have none.
        case auto
        /// By embeddings alone.
        case embedding
        /// By the trigrams of their prompts alone.
        case trigram
    }

    /// The scenario to which others are compared; nil where a text or an embedding is.
    public var scenario: String?
    /// The text that prompts are compared with; a scenario's own prompt unless given.
    public var text: String?
    /// The embedding that others are compared with; a scenario's own unless given.
    public var embedding: Embedding?
    /// By what they are compared.
    public var basis = Basis.auto
    /// At most so many, the most similar first; 1 or more.
    public var limit = 10
    /// Whether every embedding is looked at where an index could choose.
    public var isExact = false
    /// Only scenarios with all of these tags.
    public var tags: [String] = []
    /// Only scenarios of this simulation's set.
    public var simulation: SimulationReference?
    /// Only those that are at least so similar, -1…1.
    public var minimum = -1.0
    /// From more embeddings than that on, an index is asked instead of looking at each.
    var mostExact = 5000

    /// What resembles that scenario.
    public init(scenario: String) { self.scenario = scenario }
    /// What resembles that text, and its embedding where there is one.
    public init(text: String, embedding: Embedding? = nil) {
        self.text = text
        self.embedding = embedding
    }
    /// What resembles that embedding.
    public init(embedding: Embedding) { self.embedding = embedding }
}

/// A scenario that resembles another.
public struct SimilarScenario: Sendable, Hashable {
    /// Its id.
    public var id: String
    /// Its name; the id where none was given.
    public var name: String
    /// How similar it is: a cosine, -1…1, or the share of trigrams, 0…1. The two aren't comparable.
    public var similarity: Double
    /// How it was compared.
    public var method: SimilarityMethod
    /// How hard it is, where that is known.
    public var difficulty: String?
    /// Its labels.
    public var tags: [String]
}

/// The scenarios that resemble one most, and how many were compared.
public struct SimilarScenarios: Sendable {
    /// Those that were compared by embeddings, then those by trigrams, the most similar first.
    public var rows: [SimilarScenario] = []
    /// How many scenarios were compared by their embeddings.
    public var byEmbedding = 0
    /// How many were compared by the trigrams of their prompts.
    public var byTrigrams = 0
    /// How many have nothing that could be compared.
    public var leftOut = 0
}
