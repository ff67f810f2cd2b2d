/// Linear equations.
enum LinearSystem {
    /// The solution by elimination with the largest pivot of each column; nil where there is not exactly one.
    ///
    /// - Parameter rows: the coefficients of each equation, then its right side.
    static func solve(_ rows: [[Double]]) -> [Double]? {
        var rows = rows
        let count = rows.count
        for column in 0..<count {
            guard
                let pivot = (column..<count).max(by: {
                    rows[$0][column].magnitude < rows[$1][column].magnitude
                }),
                rows[pivot][column].magnitude > 1e-300
            else { return nil }
            rows.swapAt(column, pivot)
            for row in (column + 1)..<max(count, column + 1) {
                let factor = rows[row][column] / rows[column][column]
                guard factor != 0 else { continue }
                for place in column...count { rows[row][place] -= factor * rows[column][place] }
            }
        }
        var solution = [Double](repeating: 0, count: count)
        for row in (0..<count).reversed() {
            let known = ((row + 1)..<max(count, row + 1)).reduce(0) { $0 + rows[row][$1] * solution[$1] }
            solution[row] = (rows[row][count] - known) / rows[row][row]
        }
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }
}
