package org.sallyport.validator;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.MalformedCodeException;

/** A rule is broken; who catches it knows the place. Carries no stack trace. */
final class Violation extends RuntimeException {
    final Problem problem;
    final String specText;
    final String detail;
    /** What would have to be switched on, if that is all that is wrong. */
    final @Nullable Feature missing;

    Violation(Problem problem, String detail) {
        this(problem, problem.specText, detail, null);
    }

    /** A proposal that is switched off. */
    static Violation missing(Problem problem, Feature feature, String what) {
        return new Violation(problem, problem.specText, what + " needs " + feature.text(), feature);
    }

    private Violation(Problem problem, String specText, String detail, @Nullable Feature missing) {
        super(specText + ": " + detail, null, false, false);
        this.problem = problem;
        this.specText = specText;
        this.detail = detail;
        this.missing = missing;
    }

    /** The next step. */
    String advice() {
        return missing == null ? problem.advice : MalformedCodeException.advice(missing);
    }

    /** An index that points nowhere: it belongs to the wording of the tests. */
    static Violation index(Problem problem, int index, int size) {
        return new Violation(problem, problem.specText + " " + Integer.toUnsignedString(index), "there are " + size, null);
    }

    /** A problem that names an entry, such as {@code non-function type 3}. */
    static Violation entry(Problem problem, int index) {
        return new Violation(problem, problem.specText + " " + index, "", null);
    }

    /** A wording that goes on, such as {@code memory size must be at most 65536 pages}. */
    static Violation phrase(Problem problem, String rest, String detail) {
        return new Violation(problem, problem.specText + " " + rest, detail, null);
    }
}
