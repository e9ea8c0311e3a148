package org.sallyport.itests.real.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.sallyport.Engine;
import org.sallyport.Store;
import org.sallyport.itests.support.random.NodeEngine;
import org.sallyport.itests.support.random.Plan;
import org.sallyport.itests.support.random.Signature;
import org.sallyport.itests.support.random.VectorEdges;
import org.sallyport.text.Wat;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.LaneShape;

/**
 * Every vector instruction, with all lanes, over edge values, with operands in registers, in memory and constant, gives what
 * Node.js gives, with all the processor has, with AVX only, with SSE4.1 only, with and without optimizations, and as class
 * files; where its bits are open, a NaN is a quiet one. Relaxed instructions give one of the {@link RelaxedResults}. {@code
 * sallyport.edges} (32) vectors meet each other; with 256 there are more than 10^7 cases in each form and setting.
 */
class VectorEdgesTest {
    private static final int COUNT = Integer.getInteger("sallyport.edges", 32);
    private static final List<String> FORMS = List.of("register", "memory", "first", "constant");
    private static final boolean THOROUGH = COUNT >= 256;
    private static final List<String> SETTINGS = THOROUGH
            ? List.of("optimized", "avx", "floor", "plain", "plain floor", "checked", "deterministic", "portable")
            : List.of("optimized", "avx", "floor", "plain", "portable");
    private static final int BATCH = 16;
    private static final int BYTES = 16;
    private static final ByteBuffer OPERANDS = ByteBuffer.wrap(VectorEdges.operands(COUNT));

    private final Map<String, Long> cases = new LinkedHashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int relaxed;

    @Test
    void everyInstruction() {
        List<VectorEdges.Variant> variants = VectorEdges.variants(THOROUGH ? 400 : 50);
        String against = SETTINGS.getFirst();
        try (NodeEngine node = RandomRun.node(); Settings settings = new Settings()) {
            against = node != null ? "node" : against;
            for (int from = 0; from < variants.size(); from += BATCH) {
                List<VectorEdges.Variant> some = variants.subList(from, Math.min(from + BATCH, variants.size()));
                List<byte[]> binaries = some.stream().map(v -> Wat.compile(VectorEdges.module(v, COUNT))).toList();
                List<List<String>> theirs = node == null ? null
                        : node.run(binaries.stream().map(b -> new NodeEngine.Case(List.of(b), plan())).toList());
                for (int i = 0; i < some.size(); i++) {
                    check(some.get(i), binaries.get(i), theirs == null ? null : theirs.get(i), settings);
                }
            }
        }
        System.out.printf("vector instructions: %d with their lanes and patterns, compared with %s; cases by setting %s; %d"
                + " digests of relaxed ones differ within what is allowed%n", variants.size(), against, cases, relaxed);
        assertThat(wrong).isEmpty();
    }

    private static Plan plan() {
        Signature type = new Signature(List.of(), List.of("i64"));
        return new Plan(FORMS.stream().map(form -> new Plan.Call(form, type, new long[0])).toList(), 0);
    }

    private void check(
            VectorEdges.Variant variant, byte[] binary, @Nullable List<String> theirs, Settings settings) {
        List<String> expected = theirs;
        for (String name : SETTINGS) {
            Engine engine = settings.engine(name);
            List<String> found = new ArrayList<>();
            try (Store store = engine.newStore(); var module = engine.compile(binary)) {
                var instance = engine.newLinker().link(module).instantiate(store);
                for (String form : FORMS) {
                    found.add(Plan.show("i64", (long) instance.func(form).call()[0]));
                    cases.merge(name, form.equals("constant") ? VectorEdges.constants(variant, COUNT) : (long) COUNT * COUNT,
                            Long::sum);
                    ByteBuffer results = instance.memory("m").segment()
                            .asSlice(VectorEdges.OUT, (long) BYTES * COUNT * COUNT).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                    quiet(variant, results, name + ", " + form);
                    if (variant.op().feature() == Feature.RELAXED_SIMD && !form.equals("constant")) {
                        allowed(variant, results, name + ", " + form);
                    }
                }
                if (expected == null) {
                    expected = found;
                } else if (!found.equals(expected)) {
                    differs(variant, name, expected, found);
                }
            }
        }
    }

    private void differs(VectorEdges.Variant variant, String name, List<String> expected, List<String> found) {
        if (variant.op().feature() == Feature.RELAXED_SIMD) {
            relaxed++; // each of its results was looked at
        } else {
            wrong.add(variant + ", " + name + ": " + FORMS + " " + expected + " expected, found " + found);
        }
    }

    /** A NaN that was computed has its highest bit of the payload set. */
    private void quiet(VectorEdges.Variant variant, ByteBuffer results, String where) {
        LaneShape open = variant.open();
        if (open == null || variant.op().feature() == Feature.RELAXED_SIMD) {
            return;
        }
        for (int at = 0; at < results.limit(); at += open.laneBytes()) {
            boolean quiet = open == LaneShape.F32X4
                    ? !Float.isNaN(results.getFloat(at)) || (results.getInt(at) & 0x40_0000) != 0
                    : !Double.isNaN(results.getDouble(at)) || (results.getLong(at) & 0x8_0000_0000_0000L) != 0;
            if (!quiet) {
                wrong.add(variant + ", " + where + ": a signalling NaN in the result " + at / BYTES);
                return;
            }
        }
    }

    private void allowed(VectorEdges.Variant variant, ByteBuffer results, String where) {
        boolean unary = ((Effect.Fixed) variant.op().effect()).pops().length == 1;
        for (int at = 0; at < COUNT * COUNT; at++) {
            int i = at / COUNT;
            int j = at % COUNT;
            ByteBuffer first = operand(i);
            if (unary) {
                first = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(0, operand(i).getLong(0)).putLong(8, operand(j).getLong(8));
            }
            RelaxedResults all = new RelaxedResults(variant.op(), first, operand(j), operand(i * 7 + j * 13 & COUNT - 1));
            if (!all.allow(results.slice(at * BYTES, BYTES).order(ByteOrder.LITTLE_ENDIAN))) {
                wrong.add(variant + ", " + where + ": the result " + at + " is none of those allowed");
                return;
            }
        }
    }

    private static ByteBuffer operand(int index) {
        return OPERANDS.slice(index * BYTES, BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
