import ArcKit
import LuaBridge
import Postgres

extension Frame {
    /// The frame of an answer's rows.
    convenience init<Row: AnswerRow>(_ rows: [Row]) {
        self.init(
            columns: Row.columns.map { column in Column(name: column.name, rows.map(column.value)) },
            count: rows.count)
    }
}

extension LuaValue {
    /// The frame of an answer's rows.
    static func frame<Row: AnswerRow>(_ rows: [Row]) -> LuaValue { .object(Frame(rows)) }

    /// The only row of an answer.
    static func row<Row: AnswerRow>(_ row: Row) -> LuaValue { .object(FrameRow(Frame([row]), 0)) }
}
