import CFuzzer
import Glibc

/// `CallFuzzer bridge|library [libFuzzer's options]`: makes programs of bytes and runs them, in a machine with functions
/// of each kind, under caps and failing allocations; or in one with all of arc's library, which checks their arguments.
/// What must hold: nothing crashes, no sanitizer complains, nothing runs on, and no object outlives its machine.
let arguments = CommandLine.arguments
guard arguments.count > 1, ["bridge", "library", "show"].contains(arguments[1]) else {
    print("usage: CallFuzzer bridge|library [OPTIONS] [CORPUS], or show FILE: the program of an input")
    exit(64)
}
if arguments[1] == "show" {
    guard let file = fopen(arguments[2], "r") else { exit(66) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    bytes.withUnsafeBufferPointer { print(BridgeTrial($0).program) }
    exit(0)
}
var values = ([arguments[0]] + arguments.dropFirst(2)).map { strdup($0) }
let one: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 =
    arguments[1] == "bridge"
    ? { bytes, count in
        BridgeTrial(UnsafeBufferPointer(start: bytes, count: count)).run()
        return 0
    }
    : { bytes, count in
        LibraryTrial(UnsafeBufferPointer(start: bytes, count: count)).run()
        return 0
    }
exit(arc_fuzz(Int32(values.count), &values, one))
