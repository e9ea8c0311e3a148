package org.sallyport.itests.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Two applications with plugins in real servers: deployed, under load while their plugins are replaced, redeployed in turn,
 * undeployed.
 * Longer runs: {@code -Dsallyport.redeployments=100}, {@code -Dsallyport.load.seconds=600}.
 */
class ServersTest {
    private static final int REDEPLOYMENTS = Integer.getInteger("sallyport.redeployments", 4);
    private static final int LOAD_SECONDS = Integer.getInteger("sallyport.load.seconds", 3);
    private static final long MIB = 1 << 20;

    /** The first rounds of redeployments fill caches of the server's own. */
    private static final int WARM = 2;

    /**
     * An idle thread of a server may hold its last request, and so the application that answered, until it has another one; a
     * thread for the tasks of applications its last task.
     */
    private static final int LAST_REQUESTS = 3;

    @FunctionalInterface
    private interface Start {
        Server server() throws Exception;
    }

    @Test
    void wildFly() throws Exception {
        life("WildFly", () -> Server.wildFly(archive("wildfly")));
    }

    @Test
    void openLiberty() throws Exception {
        life("Open Liberty", () -> Server.liberty(archive("liberty")));
    }

    private static void life(String name, Start start) throws Exception {
        try (Server server = start.server()) {
            deploy(server, "a", "1");
            deploy(server, "b", "1");
            assertThat(server.get("a/price?cents=1000")).isEqualTo("900");
            assertThat(server.get("a/later?cents=100")).as("in a thread of Jakarta Concurrency").isEqualTo("90");
            assertThat(server.get("a/state")).isEqualTo("ACTIVE 2 1");
            assertThat(server.get("b/state")).as("each application has plugins of its own").isEqualTo("ACTIVE 0 1");
            long calls = load(server);
            Footprint before = redeploy(server, 2, WARM);
            Footprint after = redeploy(server, 2 + WARM, REDEPLOYMENTS);
            System.out.println(name + ": " + calls + " calls under load; " + REDEPLOYMENTS + " redeployments: " + before + " -> "
                    + after);
            assertThat(after.threads() - before.threads()).as("threads").isLessThan(8);
            assertThat(after.mappings() - before.mappings()).as("mappings").isLessThan(100);
            assertThat((after.addressSpace() - before.addressSpace()) / MIB).as("MiB of address space").isLessThan(700);
            assertThat(after.files() - before.files()).as("open files").isLessThan(20);
            assertThat(after.handlers()).as("signals that are handled").isEqualTo(before.handlers());
            assertThat(after.loaders() - before.loaders()).as("class loaders").isLessThan(20 + REDEPLOYMENTS / 4);
            assertThat(engines(server, 2)).as("engines of two applications").isLessThanOrEqualTo(2 + LAST_REQUESTS);
            server.undeploy("a", "/state");
            server.undeploy("b", "/state");
            assertThat(engines(server, 0)).as("engines when all are undeployed").isLessThanOrEqualTo(LAST_REQUESTS);
        }
    }

    private static Path archive(String server) {
        return Path.of(System.getProperty("sallyport." + server));
    }

    /** Puts the application there, over one of the same name; returns when the new one answers. */
    private static void deploy(Server server, String name, String build) throws Exception {
        War.write(server.deployments().resolve(name + ".war"), build);
        server.await(name + "/state", text -> text.endsWith(" " + build));
    }

    private static long engines(Server server, long wanted) throws Exception {
        return server.objectsAtMost(wanted + LAST_REQUESTS, "org.sallyport.engine.EngineImpl");
    }

    /** Calls the one while the plugins of both are replaced: every answer is that of one of the two versions. */
    private static long load(Server server) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong calls = new AtomicLong();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                while (!stop.get()) {
                    String price = server.get("a/price?cents=1000");
                    // Between two versions the plugin is not there, and says so.
                    if (!price.equals("900") && !price.equals("500") && !price.contains("PluginUnavailableException")) {
                        wrong.set(price);
                    }
                    calls.incrementAndGet();
                }
            } catch (Exception e) {
                wrong.set(e.toString());
            }
        });
        caller.start();
        long end = System.nanoTime() + LOAD_SECONDS * 1_000_000_000L;
        for (int i = 0; System.nanoTime() < end; i++) {
            String version = i % 2 == 0 ? "half.wasm" : "tenth.wasm";
            assertThat(server.get("a/update?to=" + version)).isEqualTo("ACTIVE");
            assertThat(server.get("b/update?to=" + version)).isEqualTo("ACTIVE");
            assertThat(server.get("b/price?cents=1000")).isEqualTo(i % 2 == 0 ? "500" : "900");
        }
        stop.set(true);
        caller.join();
        assertThat(wrong.get()).as("an answer").isNull();
        return calls.get();
    }

    /** Redeploys the two in turn, each called once. */
    private static Footprint redeploy(Server server, int first, int rounds) throws Exception {
        for (int i = first; i < first + rounds; i++) {
            String name = i % 2 == 0 ? "a" : "b";
            deploy(server, name, "" + i);
            assertThat(server.get(name + "/price?cents=1000")).isEqualTo("900");
        }
        return server.footprint();
    }
}
