package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.SECTION_SIZE;

import java.util.Set;
import org.sallyport.BinaryPlace;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.wasm.BodySyntax;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Malformed;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule.Expr;

/**
 * What the section decoders share: the cursor, the settings, and where we are, for messages. As in the specification,
 * the contents of a known section are read to their own end, which is then compared with the section's size.
 */
final class Context {
    private static final int BETWEEN_CHECKS = 1 << 15;

    final byte[] binary;
    final ByteReader in;
    private final Set<Feature> features;
    private final LoadLimits limits;
    private final BodySyntax syntax;
    private final CompileBudget budget;
    /** Steps to the next look at the budget. */
    private int steps;
    private String section = "header";
    private int entry = -1;

    Context(byte[] binary, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
        this.budget = budget;
        this.binary = binary;
        this.features = features;
        this.limits = limits;
        in = new ByteReader(binary, 0, binary.length);
        syntax = new BodySyntax(binary, true);
    }

    boolean has(Feature feature) {
        return features.contains(feature);
    }

    /** Says in which section messages are from now on. */
    void enter(String section) {
        this.section = section;
        entry = -1;
    }

    void entry(int index) {
        entry = index;
        step(4);
    }

    /** Called in every loop over what the module has. @param n about how many bytes are read before the next call */
    void step(int n) {
        steps -= n;
        if (steps < 0) {
            steps = BETWEEN_CHECKS;
            budget.check();
        }
    }

    /** A vector's length, within the limit. */
    int count(Limit limit) {
        int count = in.count();
        check(limit, count);
        return count;
    }

    void check(Limit limit, long count) {
        if (count > limits.max(limit)) {
            limits.check(limit, count, place(in.position()).toString());
        }
    }

    String name() {
        int at = in.position();
        String name = in.name();
        step(in.position() - at);
        // A name of n bytes took at least n bytes of the binary.
        check(Limit.NAME_BYTES, in.position() - at);
        return name;
    }

    /** Skips a constant expression; its instructions must follow the grammar, and an {@code end} must close them. */
    Expr expr() {
        int start = in.position();
        int end = syntax.skip(start, in.end());
        step(end - start);
        in.skip(end - start);
        return new Expr(start, end);
    }

    void endOfSection(int end) {
        if (in.position() != end) {
            String found = "the contents end at 0x" + Integer.toHexString(in.position()) + ", the section at 0x"
                    + Integer.toHexString(end);
            throw new MalformedCodeException(SECTION_SIZE, in.position(), found);
        }
    }

    MalformedCodeException fault(Malformed fault, int offset, String detail) {
        return new MalformedCodeException(fault, offset, detail);
    }

    MalformedModuleException explain(MalformedCodeException e) {
        return new MalformedModuleException(e.specText(), e.detail(), place(e.offset()), e.advice(), e.proposal());
    }

    BinaryPlace place(int offset) {
        return new BinaryPlace(section, entry, null, offset);
    }
}
