package org.sallyport.validator;

/** A rule is broken; who catches it knows the place. Carries no stack trace. */
final class Violation extends RuntimeException {
    final Problem problem;
    final String specText;
    final String detail;

    Violation(Problem problem, String detail) {
        this(problem, problem.specText, detail);
    }

    private Violation(Problem problem, String specText, String detail) {
        super(specText + ": " + detail, null, false, false);
        this.problem = problem;
        this.specText = specText;
        this.detail = detail;
    }

    /** An index that points nowhere: it belongs to the wording of the tests. */
    static Violation index(Problem problem, int index, int size) {
        return new Violation(problem, problem.specText + " " + Integer.toUnsignedString(index), "there are " + size);
    }

    /** A problem that names an entry, such as {@code non-function type 3}. */
    static Violation entry(Problem problem, int index) {
        return new Violation(problem, problem.specText + " " + index, "");
    }

    /** A wording that goes on, such as {@code memory size must be at most 65536 pages}. */
    static Violation phrase(Problem problem, String rest, String detail) {
        return new Violation(problem, problem.specText + " " + rest, detail);
    }
}
