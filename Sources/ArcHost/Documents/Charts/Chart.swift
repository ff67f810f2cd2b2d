/// A chart of a document: its data, from which each format draws what it can.
public struct Chart: Sendable {
    /// What it shows.
    public enum Content: Sendable {
        /// Values along an axis, with bands around them and marks on it.
        case line(Line)
        /// A value for each of a few things, with intervals.
        case bar([Bar])
        /// How often values fall into each stretch.
        case histogram(Histogram)
        /// Where values lie, for a few groups.
        case box([Box])
        /// A value for each pair of a row and a column.
        case heatmap(HeatMap)
        /// Values one after another, without axes.
        case sparkline([Double?])
    }

    /// Its name, unique in the document.
    public var name: String
    /// What it shows, in a line.
    public var title: String
    /// The unit of its values, as a metric's.
    public var unit: String?
    /// Whether its values are differences of two in that unit.
    public var showsDifferences = false
    /// What the values are.
    public var valueLabel: String?
    /// What they are of: the axis of a line chart, the things of a bar chart.
    public var axisLabel: String?
    /// What must be known to read it.
    public var note: String?
    /// What it shows.
    public var content: Content

    /// Lines over one axis.
    public struct Line: Sendable {
        /// Where the points are.
        public var axis: Axis
        /// The lines.
        public var series: [Series]
        /// Moments that are marked, such as change points.
        public var marks: [Mark]
    }

    /// One line: a value, or none, for each point of the axis.
    public struct Series: Sendable {
        /// What it is called.
        public var name: String?
        /// The values.
        public var values: [Double?]
        /// The lower ends of the band; empty without one.
        public var low: [Double?]
        /// The upper ends.
        public var high: [Double?]
    }

    /// A place on the axis with something to say.
    public struct Mark: Sendable {
        /// Where it is, as ``Axis/positions`` are.
        public var position: Double
        /// Where it is, as people read it.
        public var place: String
        /// What is there.
        public var label: String?
    }

    /// The axis of a line chart.
    public struct Axis: Sendable {
        /// What its positions are.
        public enum Kind: String, Sendable {
            /// Numbers.
            case number
            /// Moments: seconds since 1970-01-01 UTC.
            case time
            /// Things in order; their positions are 1, 2, …
            case category
        }
        /// What its positions are.
        public var kind: Kind
        /// Where each point is.
        public var positions: [Double]
        /// The same as people read it: a moment in UTC, a thing's name.
        public var labels: [String]
    }

    /// A bar.
    public struct Bar: Sendable {
        /// What it is of.
        public var label: String
        /// How long it is; nil where it isn't known.
        public var value: Double?
        /// The lower end of the value's interval.
        public var low: Double?
        /// The upper end.
        public var high: Double?
    }

    /// Counts of values by stretches of equal width.
    public struct Histogram: Sendable {
        /// Where the stretches begin and end, one more than there are counts. A value on a border belongs to the stretch
        /// above it, the greatest to the last.
        public var edges: [Double]
        /// How many values fall into each.
        public var counts: [Int]

        /// How many values there are.
        public var n: Int { counts.reduce(0, +) }
    }

    /// A box with whiskers.
    public struct Box: Sendable {
        /// What it is of.
        public var label: String
        /// How many values it stands for, where that is known.
        public var n: Int?
        /// The end of the lower whisker.
        public var low: Double
        /// A quarter of the values lie below.
        public var lowerQuartile: Double
        /// Half of them do.
        public var median: Double
        /// Three quarters of them do.
        public var upperQuartile: Double
        /// The end of the upper whisker.
        public var high: Double
        /// The least value, where it is beyond the whisker.
        public var least: Double?
        /// The greatest, where it is.
        public var greatest: Double?
        /// How many values lie beyond the whiskers.
        public var beyond: Int?
    }

    /// A grid of values.
    public struct HeatMap: Sendable {
        /// The names of the rows, from the top.
        public var rows: [String]
        /// The names of the columns, from the left.
        public var columns: [String]
        /// A list for each row; nil where nothing is known.
        public var values: [[Double?]]
    }

    /// The name of the chart's kind, as `doc:chart` takes it.
    public var kind: String {
        switch content {
        case .line: "line"
        case .bar: "bar"
        case .histogram: "histogram"
        case .box: "box"
        case .heatmap: "heatmap"
        case .sparkline: "sparkline"
        }
    }

    /// What `doc:chart` takes as `kind`.
    static let kinds = ["line", "bar", "histogram", "box", "heatmap", "sparkline"]

    /// A chart may show so many values; more can't be told apart.
    static let mostValues = 20_000

    /// A value in the chart's unit.
    func display(_ value: Double) -> String { quantity.text(value) }

    /// What its values count.
    var quantity: Quantity { Quantity(unit: unit, isDifference: showsDifferences) }
}
