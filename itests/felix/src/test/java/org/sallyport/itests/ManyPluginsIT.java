package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.sallyport.text.Wat;

/**
 * Many plugins of 50 kB in one framework: how long until all are in service, what they take, what a call costs then. By hand:
 * {@code -Dsallyport.many.plugins=1000}; figures are in docs/performance.md.
 */
@EnabledIfSystemProperty(named = "sallyport.many.plugins", matches = "[1-9][0-9]*")
@Timeout(1_200)
class ManyPluginsIT {
    private static final int BYTES = 50_000;
    private static final int CALLS = 300_000;
    private static final int ROUNDS = 9;

    @TempDir
    Path folder;

    /** Functions as a compiler might make them, until it is as large as that; no two plugins are alike. */
    private static byte[] module(int number) {
        StringBuilder text = new StringBuilder("(module (memory 1) (global $state (mut i32) (i32.const " + number + "))"
                + "(func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))");
        Random random = new Random(number);
        for (int i = 0; i < BYTES / 70; i++) {
            text.append("(func $f").append(i).append(" (param i32 i32) (result i32) (local i32)"
                    + "(local.set 2 (i32.load offset=").append(random.nextInt(1 << 12))
                    .append(" (i32.and (local.get 0) (i32.const 1023))))"
                    + "(block (loop (br_if 1 (i32.eqz (local.get 1)))"
                    + "(local.set 2 (i32.add (i32.mul (local.get 2) (i32.const ").append(random.nextInt()).append("))"
                    + " (i32.xor (local.get 0) (local.get 1))))"
                    + "(local.set 1 (i32.sub (local.get 1) (i32.const 1))) (br 0)))");
            if (i > 0) {
                text.append("(local.set 2 (call $f").append(random.nextInt(i)).append(" (local.get 2) (i32.const 0)))");
            }
            text.append("(global.set $state (local.get 2)) (local.get 2))");
        }
        return Wat.compile(text.append(")").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"felix", "equinox"})
    void areInService(String framework) throws Exception {
        int count = Integer.getInteger("sallyport.many.plugins");
        List<byte[]> modules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            modules.add(module(i));
        }
        assertThat(modules.getFirst().length).isBetween(BYTES * 9 / 10, BYTES * 11 / 10);
        try (EmbeddedHost host = new EmbeddedHost(framework, folder)) {
            host.grant("plugin", "*", "offer", "com.acme.itests.*");
            start(host, "p0", modules.getFirst());
            Adder first = host.service(Adder.class, "p0");
            long alone = nanosPerCall(List.of(first));
            Leftovers before = Leftovers.now(framework);
            long resident = resident();
            long heap = heap();
            long processor = processorMillis();
            long begin = System.nanoTime();
            for (int i = 1; i < count; i++) {
                start(host, "p" + i, modules.get(i));
            }
            List<Adder> all = new ArrayList<>(List.of(first));
            for (int i = 1; i < count; i++) {
                all.add(host.service(Adder.class, "p" + i));
            }
            long millis = (System.nanoTime() - begin) / 1_000_000;
            processor = processorMillis() - processor;
            Leftovers after = Leftovers.now(framework);
            System.out.printf("%s, %d plugins of %d bytes: %d ms until all are in service, %d ms of processor time; heap +%d kB,"
                            + " resident +%d kB; a call of one alone %d ns, of the same among all %d ns, of all in turn %d ns%n"
                            + "  before %s%n  after  %s%n",
                    framework, count, modules.getFirst().length, millis, processor, (heap() - heap) >> 10,
                    (resident() - resident) >> 10,
                    alone, nanosPerCall(List.of(first)), nanosPerCall(all), before, after);
        }
    }

    private static void start(EmbeddedHost host, String id, byte[] wasm) throws Exception {
        Bundle bundle = host.install(id, ";services=\"" + Adder.class.getName() + "\"", wasm);
        bundle.start();
    }

    /** The best of several rounds. */
    private static long nanosPerCall(List<Adder> adders) {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                if (adders.get(i % adders.size()).add(i, 1) != i + 1) {
                    throw new AssertionError("wrong sum");
                }
            }
            best = Math.min(best, (System.nanoTime() - begin) / CALLS);
        }
        return best;
    }

    private static long processorMillis() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000_000;
    }

    private static long heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.split("\\s+")[1]) << 10;
            }
        }
        throw new AssertionError("no VmRSS");
    }
}
