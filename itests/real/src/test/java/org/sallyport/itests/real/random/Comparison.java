package org.sallyport.itests.real.random;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sallyport.itests.support.random.Family;
import org.sallyport.itests.support.random.NodeEngine;
import org.sallyport.itests.support.random.OurEngine;
import org.sallyport.itests.support.random.Plan;
import org.sallyport.itests.support.random.RandomModule;
import org.sallyport.itests.support.random.Reducer;
import org.sallyport.itests.support.random.Topic;
import org.sallyport.text.Wat;

/**
 * Runs random modules in Node.js and in some of our settings each, and finds what differs. Of our settings each module has the
 * optimized one and two others that chance says; those that count fuel are compared with each other besides.
 */
final class Comparison implements AutoCloseable {
    private static final int OTHERS = 2;
    /** Names of settings, if chance shall not say which ones each module has besides the optimized one. */
    private static final @Nullable String GIVEN = System.getProperty("sallyport.random.settings");
    private static final int LONG = 300;
    private static final Pattern KIND_OF_NUMBER = Pattern.compile("[if](32|64) ");
    private static final String NODE = "node";
    private static final String OPTIMIZED = "optimized";
    private static final List<String> COUNTING = List.of("plain fuel", "fuel");
    private static final List<String> CACHING = List.of("to the cache", "from the cache");

    /** Lines of two engines that are not the same from {@code at} on. */
    record Difference(Family family, long seed, String expectedOf, String foundOf, int at, String expected, String found) {
        @Override
        public String toString() {
            return "%s %d: %s and %s differ in line %d:%n  %s%n  %s".formatted(
                    family, seed, expectedOf, foundOf, at, expected, found);
        }
    }

    private final Settings settings = new Settings();
    private final @Nullable NodeEngine node;
    private final Map<String, Integer> ends = new TreeMap<>();
    private final Map<String, Integer> runs = new TreeMap<>();

    /** @param node null: our settings are compared with each other only */
    Comparison(@Nullable NodeEngine node) {
        this.node = node;
    }

    /** How calls ended, by kind. */
    Map<String, Integer> ends() {
        return ends;
    }

    /** How many modules each engine ran. */
    Map<String, Integer> runs() {
        return runs;
    }

    private record Made(RandomModule module, List<byte[]> binaries, Plan plan) {
        static Made of(long seed, Family family) {
            RandomModule module = new RandomModule(seed, family);
            return new Made(module, module.texts().stream().map(Wat::compile).toList(), Plan.of(module));
        }
    }

    /** Compares the modules of so many seeds. */
    List<Difference> compare(Family family, long seed, int count) {
        List<Made> all = new ArrayList<>();
        for (long s = seed; s < seed + count; s++) {
            all.add(Made.of(s, family));
        }
        List<List<String>> theirs = node == null ? List.of()
                : node.run(all.stream().map(made -> new NodeEngine.Case(made.binaries, made.plan)).toList());
        List<Difference> found = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            List<String> expected = node == null ? null : theirs.get(i);
            compare(family, all.get(i), expected, found::add);
        }
        return found;
    }

    private void compare(Family family, Made made, @Nullable List<String> theirs, Consumer<Difference> to) {
        List<String> expected = theirs;
        String expectedOf = NODE;
        if (theirs != null) {
            runs.merge(NODE, 1, Integer::sum);
        }
        List<String> counted = null;
        for (String name : drawn(made)) {
            List<String> found = run(name, made);
            runs.merge(name, 1, Integer::sum);
            if (COUNTING.contains(name)) {
                if (counted == null) {
                    counted = found;
                } else {
                    difference(family, made, COUNTING.getFirst(), counted, name, found, to);
                }
            } else if (expected == null) {
                expected = found;
                expectedOf = name;
            } else {
                difference(family, made, expectedOf, expected, name, found, to);
            }
        }
        expected.stream().filter(line -> !line.startsWith("state "))
                .forEach(line -> ends.merge(kind(line).strip(),
                        1, Integer::sum));
    }

    private static void difference(
            Family family, Made made, String expectedOf, List<String> expected, String foundOf, List<String> found,
            Consumer<Difference> to) {
        int at = differsAt(expected, found);
        if (at >= 0) {
            to.accept(new Difference(family, made.module.seed(), expectedOf, foundOf, at, line(expected, at), line(found, at)));
        }
    }

    private static String line(List<String> lines, int at) {
        return at < lines.size() ? lines.get(at) : "(no line)";
    }

    private static int differsAt(List<String> expected, List<String> found) {
        for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
            if (!alike(line(expected, i), line(found, i))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * V8 has a word of its own for segments of tables and of memories; what is refused is so in other words. Where {@code
     * array.copy} is given a target that is too short and no source, V8 looks at the target first.
     */
    private static boolean alike(String expected, String found) {
        return expected.equals(found) || expected.startsWith("refused") && found.startsWith("refused")
                || expected.equals("trap array") && found.equals("trap null")
                || expected.equals("trap segment") && (found.equals("trap memory") || found.equals("trap table"));
    }

    private List<String> run(String name, Made made) {
        try {
            return OurEngine.run(settings.engine(name), made.binaries, made.plan);
        } catch (RuntimeException | AssertionError e) {
            String text = "failed " + e;
            return List.of(text.substring(0, Math.min(text.length(), LONG)).replace('\n', ' '));
        }
    }

    /** The optimized setting and some others, each with what it has to be compared with. */
    private List<String> drawn(Made made) {
        Random random = new Random(made.module.seed());
        Set<Topic> topics = made.module.topics();
        List<String> names = new ArrayList<>(GIVEN == null ? settings.names() : List.of(GIVEN.split(",")));
        names.removeIf(name -> !settings.has(name, topics) || name.equals(OPTIMIZED));
        List<String> drawn = new ArrayList<>(List.of(OPTIMIZED));
        Set<String> seen = new HashSet<>(drawn);
        for (int i = 0; i < (GIVEN == null ? OTHERS : names.size()); i++) {
            String name = names.get(GIVEN == null ? random.nextInt(names.size()) : i);
            List<String> both = COUNTING.contains(name) ? COUNTING : CACHING.contains(name) ? CACHING : List.of(name);
            both.stream().filter(seen::add).forEach(drawn::add);
        }
        return drawn;
    }

    // ---- reducing

    /** Smaller texts with a difference of the same engines; those of the seed if there is none any more. */
    List<String> reduce(Difference difference, int seconds) {
        RandomModule module = new RandomModule(difference.seed, difference.family);
        Plan plan = Plan.of(module);
        return new Reducer(texts -> stillDiffers(texts, plan, difference), seconds).reduce(module.texts());
    }

    private boolean stillDiffers(List<String> texts, Plan plan, Difference difference) {
        List<byte[]> binaries;
        try {
            binaries = texts.stream().map(Wat::compile).toList();
        } catch (RuntimeException e) {
            return false;
        }
        Made made = new Made(new RandomModule(difference.seed, difference.family), binaries, plan);
        List<String> expected = difference.expectedOf.equals(NODE)
                ? node.run(List.of(new NodeEngine.Case(binaries, plan))).getFirst() : run(difference.expectedOf, made);
        List<String> found = run(difference.foundOf, made);
        int at = differsAt(expected, found);
        return at >= 0 && kind(line(expected, at)).equals(kind(difference.expected))
                && kind(line(found, at)).equals(kind(difference.found));
    }

    /** What does not change while a module becomes smaller, so that no other difference takes the place of the one looked for. */
    private static String kind(String line) {
        return line.isEmpty() || KIND_OF_NUMBER.matcher(line).lookingAt() ? "results" : line.replaceAll("\\d.*", "");
    }

    @Override
    public void close() {
        settings.close();
    }
}
