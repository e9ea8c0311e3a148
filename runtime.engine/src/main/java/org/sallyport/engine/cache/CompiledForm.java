package org.sallyport.engine.cache;

import java.util.EnumSet;
import java.util.Set;

import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.SideTables;
import org.sallyport.spi.SideTables.Sites;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.WasmModule;

/**
 * What validation learned of a module and what the compiler made of it, as bytes; the module itself is not among them.
 * Artefacts and cache entries are made of it. It is read only after it was authenticated, so that a module that comes
 * with it need not be validated again: whoever had the key has done it.
 */
public record CompiledForm(ValidModule valid, CompiledModule compiled) {
    /**
     * Changes whenever this class writes something else. What is emitted and what it relies on is counted in {@link
     * org.sallyport.spi.CodeGenerator#fingerprint}.
     */
    static final int FORMAT = 7;

    private static final Feature[] FEATURES = Feature.values();

    // flags of a function
    private static final int CALLS = 1;
    private static final int LOOPS = 2;
    private static final int TAIL_CALLS = 8;
    private static final int TOUCHES_MEMORY = 4;

    /** About how many bytes it takes in the end. */
    int packedSize() {
        return size() / 2;
    }

    /**
     * About how many bytes it takes before it is packed.
     *
     * @throws ArithmeticException if they are more than an array can have
     */
    private int size() {
        long numbers = 2L * compiled.functions().starts().length
                + valid.module().bodies().size() * 4L
                + valid.module().types().size();
        return Math.toIntExact(compiled.code().length + compiled.tables().heapBytes() / 3 + 2 * numbers + 1024);
    }

    void write(FormWriter to) {
        FormWriter out = new FormWriter(size());
        writeFacts(out);
        out.text(compiled.target());
        out.text(compiled.fingerprint());
        out.bytes(compiled.code());
        out.number(compiled.functionCount());
        out.ascending(compiled.functions().starts());
        out.ascending(compiled.functions().ends());
        SideTables.Traps traps = compiled.tables().traps();
        writeSites(out, traps.sites());
        out.bytes(traps.codes());
        writeSites(out, compiled.tables().calls());
        SideTables.Handlers handlers = compiled.tables().handlers();
        out.ascending(handlers.returns());
        out.numbers(handlers.landings());
        out.numbers(handlers.frames());
        to.packed(out);
    }

    private static void writeSites(FormWriter out, Sites sites) {
        out.ascending(sites.offsets());
        out.numbers(sites.positions());
        out.ascending(sites.inlined());
        out.numbers(sites.inlinedAt());
    }

    private void writeFacts(FormWriter out) {
        WasmModule wasm = valid.module();
        out.numbers(valid.features().stream().mapToInt(Enum::ordinal).toArray());
        out.numbers(valid.escapingFunctions());
        int[] canonical = new int[wasm.types().size()];
        for (int i = 0; i < canonical.length; i++) {
            canonical[i] = valid.canonicalType(i);
        }
        out.numbers(canonical);
        int count = wasm.bodies().size();
        int[] facts = new int[4 * count];
        for (int i = 0; i < count; i++) {
            FunctionFacts of = valid.facts(valid.spaces().importedFuncs() + i);
            facts[i] = of.instructions();
            facts[count + i] = of.maxOperands();
            facts[2 * count + i] = of.maxNesting();
            facts[3 * count + i] = (of.calls() ? CALLS : 0) | (of.tailCalls() ? TAIL_CALLS : 0) | (of.loops() ? LOOPS : 0)
                    | (of.touchesMemory() ? TOUCHES_MEMORY : 0);
        }
        out.numbers(facts);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param wasm the module that it was written for
     * @param validator stands in for the one that validated it
     * @throws IllegalArgumentException if the bytes do not fit the module, as {@link FormReader} does
     */
    static CompiledForm read(FormReader from, WasmModule wasm, Validator validator) {
        FormReader in = from.packed();
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (int ordinal : in.numbers()) {
            features.add(FEATURES[ordinal]);
        }
        int[] escaping = in.numbers();
        int[] canonical = in.numbers();
        FunctionFacts[] facts = readFacts(in);
        check("types", wasm.types().size(), canonical.length);
        check("functions", wasm.bodies().size(), facts.length);
        CompiledModule compiled = new CompiledModule(
                in.text(), in.text(), in.bytes(),
                new CompiledModule.Functions(in.number(), in.ascending(), in.ascending()), readTables(in));
        check("functions compiled", facts.length, compiled.functionCount());
        in.end();
        return new CompiledForm(
                new ValidModule(validator, new IndexSpaces(wasm), features, escaping, canonical, facts), compiled);
    }

    private static SideTables readTables(FormReader in) {
        return new SideTables(
                new SideTables.Traps(readSites(in), in.bytes()),
                readSites(in),
                new SideTables.Handlers(in.ascending(), in.numbers(), in.numbers()));
    }

    private static Sites readSites(FormReader in) {
        return new Sites(in.ascending(), in.numbers(), in.ascending(), in.numbers());
    }

    private static FunctionFacts[] readFacts(FormReader in) {
        int[] numbers = in.numbers();
        FunctionFacts[] facts = new FunctionFacts[numbers.length / 4];
        for (int i = 0; i < facts.length; i++) {
            int flags = numbers[3 * facts.length + i];
            facts[i] = new FunctionFacts(
                    numbers[i],
                    numbers[facts.length + i],
                    numbers[2 * facts.length + i],
                    (flags & CALLS) != 0,
                    (flags & TAIL_CALLS) != 0,
                    (flags & LOOPS) != 0,
                    (flags & TOUCHES_MEMORY) != 0);
        }
        return facts;
    }

    private static void check(String what, int wanted, int found) {
        if (wanted != found) {
            throw new IllegalArgumentException(what + ": " + found + ", the module has " + wanted);
        }
    }
}
