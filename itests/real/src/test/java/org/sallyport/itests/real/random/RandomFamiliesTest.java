package org.sallyport.itests.real.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jspecify.annotations.Nullable;
import org.sallyport.LoadLimits;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.itests.support.random.Family;
import org.sallyport.itests.support.random.NodeEngine;
import org.sallyport.itests.support.random.Plan;
import org.sallyport.itests.support.random.RandomModule;
import org.sallyport.itests.support.random.Reducer;
import org.sallyport.itests.support.random.Signature;

import org.sallyport.spi.Loader;
import org.sallyport.text.Wat;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;

/**
 * Random modules of every family do the same in our settings and in Node.js, results, traps, exceptions, globals, tables and
 * memories after every call: {@code sallyport.random.count} (16) of each family from {@code sallyport.seed} (1) on. {@link
 * RandomRun} runs more.
 */
class RandomFamiliesTest {
    private static final int COUNT = Integer.getInteger("sallyport.random.count", 16);
    private static final long SEED = Long.getLong("sallyport.seed", 1);

    private static @Nullable NodeEngine node;

    @BeforeAll
    static void startNode() {
        node = RandomRun.node();
    }

    @AfterAll
    static void endNode() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void enginesAgree(Family family) {
        List<Comparison.Difference> found = RandomRun.run(family, SEED, COUNT, node, System.out);
        assertThat(found).as("the output has a reduced module").isEmpty();
    }

    /** Modules are valid, and all instructions are in some. */
    @Test
    void emitsEveryInstruction() throws Exception {
        Set<Feature> features = EnumSet.allOf(Feature.class);
        features.remove(Feature.WIDE_ARITHMETIC);
        features.remove(Feature.CUSTOM_PAGE_SIZES);
        Set<Opcode> missing = EnumSet.allOf(Opcode.class);
        missing.removeIf(op -> op.feature() == Feature.WIDE_ARITHMETIC);
        Loader loader = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
        for (long seed = SEED; seed < SEED + 2000 && !missing.isEmpty(); seed++) {
            for (String text : new RandomModule(seed, Family.ALL).texts()) {
                byte[] binary = Wat.compile(text);
                for (WasmModule.Body body : loader.load(binary, features, LoadLimits.DEFAULT).bodies()) {
                    CodeReader reader = new CodeReader(binary, body.code(), body.end());
                    while (reader.hasNext()) {
                        missing.remove(reader.next());
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameModule() {
        Set<List<String>> all = new HashSet<>();
        for (long seed = SEED; seed < SEED + 50; seed++) {
            List<String> texts = new RandomModule(seed, Family.ALL).texts();
            assertThat(new RandomModule(seed, Family.ALL).texts()).isEqualTo(texts);
            all.add(texts);
        }
        assertThat(all).hasSize(50);
    }

    /** A difference is found where there is one, and becomes a few instructions. */
    @Test
    void reducesToWhatIsWrong() {
        List<String> texts = new RandomModule(SEED, Family.SCALARS).texts();
        List<String> reduced = new Reducer(
                all -> all.stream().anyMatch(text -> text.contains("i32.and") && isValid(text)), 10).reduce(texts);
        assertThat(String.join("", reduced).length()).isLessThan(String.join("", texts).length() / 20);
        assertThat(reduced).anyMatch(text -> text.contains("i32.and"));
    }

    private static boolean isValid(String text) {
        try {
            Wat.compile(text);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** A process that hangs costs the case that it hangs in, and no other one. */
    @Test
    void nodeMayDie() {
        Assumptions.assumeTrue(node != null, "no Node.js");
        try (NodeEngine impatient = new NodeEngine(RealInputs.node(), 1)) {
            Plan plan = new Plan(List.of(new Plan.Call("e", new Signature(List.of(), List.of("i32")), new long[0])), 1);
            List<NodeEngine.Case> cases = List.of(
                    new NodeEngine.Case(List.of(Wat.compile("(module (func (export \"e\") (result i32) (i32.const 5)))")), plan),
                    new NodeEngine.Case(List.of(Wat.compile("(module (func (export \"e\") (loop (br 0))))")), plan));
            assertThat(impatient.run(cases)).containsExactly(List.of("i32 5"), List.of(NodeEngine.DEAD));
        }
    }
}
