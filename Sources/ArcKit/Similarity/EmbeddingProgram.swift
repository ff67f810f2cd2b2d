import Glibc
import Subprocess

/// Runs the user's program that makes embeddings: it reads texts, each a JSON string on a line of its own, and prints
/// a JSON list of numbers on a line for each, in the same order.
struct EmbeddingProgram: Sendable {
    /// A text to embed, and what to call it in a message.
    struct Item: Sendable {
        let place: String
        let text: String
    }

    let settings: EmbeddingSettings

    /// What a line may have at most: 1536 numbers with room for blanks and digits that nobody needs.
    private static let bytesPerLine = 1 << 17
    /// How much of what it says on standard error is shown.
    private static let shownBytes = 2000

    /// The embeddings of these texts.
    ///
    /// - Throws: `EvaluationError` with code `program`, which names the line that is wrong: where the program can't be
    ///   run, fails, prints something else or another number of lines, or takes longer than it may.
    func embeddings(of items: [Item]) async throws -> [Embedding] {
        guard !items.isEmpty else { return [] }
        let run = try await finished(items)
        return try Self.read(run, items, name)
    }

    private var name: String {
        let words =
            settings.command.first == "/bin/sh" ? settings.command.dropFirst(2) : settings.command[...]
        let text = words.joined(separator: " ")
        return text.count > 60 ? "embed (\(text.prefix(60))…)" : "embed (\(text))"
    }

    /// What a program left behind.
    struct Run: Sendable {
        var output: [UInt8] = []
        var complaint: [UInt8] = []
        var isTooLong = false
        var failure: String?
    }

    private func finished(_ items: [Item]) async throws -> Run {
        let limit = settings.timeout
        return try await withThrowingTaskGroup(of: Run?.self) { group in
            group.addTask { try await started(items) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            guard let run = first else {
                throw EvaluationError(
                    .program, "\(name) took longer than \(limit) for \(Self.count(items.count, "text"))",
                    advice:
                        "Give it more time by `timeout` (seconds) under `embed` in arc's config.yaml, or see why it hangs."
                )
            }
            return run
        }
    }

    private func started(_ items: [Item]) async throws -> Run {
        var options = PlatformOptions()
        // A group of its own, so that what it started ends with it.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        let most = items.count * Self.bytesPerLine
        let input = try EmbeddingInput(items.map { JSONValue.string($0.text).text + "\n" }.joined())
        defer { input.close() }
        do {
            let result = try await Subprocess.run(
                .name("sh"),
                arguments: .init(
                    ["-c", "input=$1; shift; exec \"$@\" <\"$input\"", "sh", input.path] + settings.command),
                platformOptions: options, input: .none, output: .sequence, error: .sequence
            ) { execution in
                try await Self.gather(execution.standardOutput, execution.standardError, most: most)
            }
            var run = result.closureResult
            switch result.terminationStatus {
            case .exited(0): break
            case .exited(let code): run.failure = "ended with status \(code)"
            case .signaled(let signal): run.failure = "was ended by signal \(signal)"
            }
            return run
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw EvaluationError(
                .program, "\(name) can't be run: \(error)",
                advice: "Check `command` under `embed` in arc's config.yaml, and run it by hand.")
        }
    }

    /// Reads both, so that the program never waits for somebody to read what it says.
    private static func gather(
        _ output: SubprocessOutputSequence, _ complaints: SubprocessOutputSequence, most: Int
    ) async throws -> Run {
        async let said = tail(of: complaints)
        var run = Run()
        for try await buffer in output {
            guard !run.isTooLong else { continue }
            buffer.withUnsafeBytes { run.output += $0 }
            run.isTooLong = run.output.count > most
        }
        run.complaint = try await said
        return run
    }

    private static func tail(of sequence: SubprocessOutputSequence) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in sequence {
            buffer.withUnsafeBytes { bytes += $0 }
            if bytes.count > shownBytes { bytes.removeFirst(bytes.count - shownBytes) }
        }
        return bytes
    }

    // MARK: - What it printed

    /// The embeddings that a run printed.
    static func read(_ run: Run, _ items: [Item], _ name: String) throws(EvaluationError) -> [Embedding] {
        let said = String(decoding: run.complaint, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(5)
        let advice = said.isEmpty ? nil : "It said:\n  " + said.joined(separator: "\n  ")
        guard !run.isTooLong else {
            throw EvaluationError(
                .program, "\(name) printed more than \(items.count * bytesPerLine) bytes", advice: advice)
        }
        var lines = run.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        while lines.last?.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) == true { lines.removeLast() }
        if let failure = run.failure {
            throw EvaluationError(
                .program,
                "\(name) \(failure) after \(count(lines.count, "line")) for \(count(items.count, "text"))",
                advice: advice)
        }
        var embeddings: [Embedding] = []
        for (line, item) in zip(lines, items) {
            embeddings.append(try embedding(line, number: embeddings.count + 1, item, name, advice))
        }
        guard lines.count == items.count else {
            let what =
                lines.count < items.count
                ? "line \(lines.count + 1), for \(items[lines.count].place), is missing"
                : "line \(items.count + 1) belongs to no text"
            throw EvaluationError(
                .program,
                "\(name) printed \(count(lines.count, "line")) for \(count(items.count, "text")): \(what)",
                advice: advice ?? "It has to print one line for each line that it reads.")
        }
        if let first = embeddings.first,
            let odd = embeddings.firstIndex(where: { $0.values.count != first.values.count })
        {
            throw EvaluationError(
                .program,
                "\(name): line \(odd + 1), for \(items[odd].place), has \(embeddings[odd].values.count) numbers, and line 1 has \(first.values.count)"
            )
        }
        return embeddings
    }

    private static func embedding(
        _ line: ArraySlice<UInt8>, number: Int, _ item: Item, _ name: String, _ advice: String?
    ) throws(EvaluationError) -> Embedding {
        let place = "\(name): line \(number), for \(item.place)"
        guard let numbers = (try? JSONReader.value(of: line))?.array?.map(\.double), !numbers.contains(nil)
        else {
            let start = String(decoding: line.prefix(60), as: UTF8.self)
            throw EvaluationError(
                .program, "\(place), must be a JSON list of numbers, got \(start.debugDescription)",
                advice: advice)
        }
        do throws(EvaluationError) {
            return try Embedding(numbers.compactMap(\.self), place: place)
        } catch {
            throw EvaluationError(.program, error.message, advice: error.advice)
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
