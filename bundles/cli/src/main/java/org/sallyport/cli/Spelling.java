package org.sallyport.cli;

/** Words that were meant. */
final class Spelling {
    private static final int LONGEST = 40;

    private Spelling() {}

    /** Whether one may be a slip of the other: at most a third of its letters were added, left out, changed or swapped. */
    static boolean areNear(String right, String written) {
        int allowed = Math.max(1, right.length() / 3);
        return written.length() <= LONGEST && right.length() <= LONGEST && distance(right, written) <= Math.min(allowed, 2);
    }

    /** Optimal string alignment. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
