import ArcHost

/// What the line of progress at the bottom of a terminal shows, and when.
///
/// Work that takes under a second shows nothing; the line is drawn anew ten times a second at most.
struct ProgressState {
    /// One piece of work that counts.
    struct Work: Equatable {
        /// What the work is about, where that isn't plain from what is counted.
        var subject = ""
        /// What is counted, in the plural.
        var unit: String
        var done: Int
        /// nil where it isn't known.
        var total: Int?
    }

    private struct Track {
        var work: Work
        let began: Duration
    }

    private static let patience = Duration.seconds(1)
    private static let pause = Duration.milliseconds(100)

    /// By subject and unit: several may go on at once.
    private var tracks: [[String]: Track] = [:]
    private var drawn: Duration?
    private(set) var isShown = false

    /// What to do with the line.
    enum Action: Equatable {
        case nothing
        case draw(String)
        case wipe
    }

    /// A piece of work got on.
    ///
    /// - Parameter now: by a clock that only moves forward.
    mutating func count(_ work: Work, now: Duration) -> Action {
        let name = [work.subject, work.unit]
        if let total = work.total, work.done >= total {
            tracks[name] = nil
            return wipe()
        }
        var track = tracks[name] ?? Track(work: work, began: now)
        if work.done < track.work.done { track = Track(work: work, began: now) }
        track.work = work
        tracks[name] = track
        guard now - track.began >= Self.patience, work.done > 0 else { return .nothing }
        if isShown, let drawn, now - drawn < Self.pause { return .nothing }
        isShown = true
        drawn = now
        return .draw(Self.text(work, took: now - track.began))
    }

    /// Something else is about to be written. The line comes back when the work gets on.
    mutating func wipe() -> Action {
        defer { isShown = false }
        return isShown ? .wipe : .nothing
    }

    /// All work is over, however it ended.
    mutating func end() -> Action {
        tracks = [:]
        return wipe()
    }

    private static func text(_ work: Work, took: Duration) -> String {
        let rate = Double(work.done) / (took / .seconds(1))
        var text = work.subject.isEmpty ? "" : work.subject + ": "
        text += Figure.count(work.done)
        if let total = work.total { text += " of \(Figure.count(total))" }
        text += " \(work.unit), "
        text += (rate < 10 ? Figure.significant(rate, digits: 2) : Figure.count(Int(rate))) + " a second"
        if let total = work.total {
            let seconds = (Double(total - work.done) / rate).rounded(.up)
            let left = seconds < 60 ? "\(Int(seconds)) s" : Figure.duration(milliseconds: seconds * 1000)
            text += ", \(left) left"
        }
        return text
    }
}
