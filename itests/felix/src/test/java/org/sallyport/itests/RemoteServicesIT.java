package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import java.io.BufferedReader;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceReference;

/**
 * A plugin that two frameworks in two JVMs provide by OSGi Remote Services, called from a third one that finds them through
 * ZooKeeper: one of them is killed, and calls go on; the limits of the grant hold where the plugin is; what no grant exports
 * stays where it is. By hand, because it needs three JVMs and 20 MB of artefacts: {@code -Dsallyport.remote=true}.
 */
@EnabledIfSystemProperty(named = "sallyport.remote", matches = "true")
@Timeout(600)
class RemoteServicesIT {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int CALLS = 500;

    @TempDir
    Path folder;

    private final List<Process> nodes = new ArrayList<>();
    private final List<Callable<?>> afterwards = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        for (Process node : nodes) {
            node.destroyForcibly().waitFor();
        }
        for (Callable<?> action : afterwards.reversed()) {
            action.call();
        }
    }

    /** ZooKeeper 3.9 in this process. @return its port */
    private int zookeeper() throws Exception {
        ClassLoader libraries = RemoteNode.libraries();
        Class<?> server = libraries.loadClass("org.apache.zookeeper.server.ZooKeeperServer");
        File data = folder.resolve("zookeeper").toFile();
        Object zookeeper = server.getConstructor(File.class, File.class, int.class).newInstance(data, data, 500);
        Class<?> connections = libraries.loadClass("org.apache.zookeeper.server.NIOServerCnxnFactory");
        Object factory = connections.getConstructor().newInstance();
        connections.getMethod("configure", InetSocketAddress.class, int.class)
                .invoke(factory, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        connections.getMethod("startup", server).invoke(factory, zookeeper);
        afterwards.add(() -> connections.getMethod("shutdown").invoke(factory));
        return (int) connections.getMethod("getLocalPort").invoke(factory);
    }

    private Process node(String framework, int zookeeper, int more) throws Exception {
        Process node = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp", System.getProperty("java.class.path"),
                        RemoteNode.class.getName(),
                        framework, folder.resolve("node" + more).toString(), "" + zookeeper, "" + more)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        nodes.add(node);
        BufferedReader said = node.inputReader();
        String line = said.readLine();
        while (line != null && !line.equals("ready")) {
            line = said.readLine();
        }
        assertThat(line).as("what a node says").isEqualTo("ready");
        return node;
    }

    private static Collection<ServiceReference<Adder>> found(EmbeddedHost host) throws Exception {
        return host.context().getServiceReferences(Adder.class, "(service.imported=*)");
    }

    private static void eventually(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /** What one call adds, by whichever service the framework prefers now. */
    private static int added(EmbeddedHost host) {
        ServiceReference<Adder> reference = host.context().getServiceReference(Adder.class);
        return host.context().getService(reference).add(20, 22) - 42;
    }

    private static long nanosPerCall(Adder adder) {
        return nanosPerCall(adder, CALLS);
    }

    private static long nanosPerCall(Adder adder, int calls) {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long begin = System.nanoTime();
            for (int i = 1; i <= calls; i++) {
                adder.add(i, 1);
            }
            best = Math.min(best, (System.nanoTime() - begin) / calls);
        }
        return best;
    }

    @Test
    void aConsumerSurvivesTheLossOfANode() throws Exception {
        int zookeeper = zookeeper();
        Process first = node("felix", zookeeper, 100);
        node("equinox", zookeeper, 200);
        EmbeddedHost host = RemoteNode.host("felix", folder.resolve("consumer"), zookeeper);
        afterwards.add(() -> {
            host.close();
            return null;
        });
        host.context().addServiceListener( // what is looked for is imported
                event -> {}, "(objectClass=" + Adder.class.getName() + ")");
        eventually(() -> found(host).size() == 2);
        assertThat(found(host)).as("nothing that no grant exports")
                .allSatisfy(each -> assertThat(each.getProperty("sallyport.plugin")).isEqualTo("shared"));
        assertThat(added(host)).isIn(100, 200);

        Adder remote = host.context().getService(host.context().getServiceReference(Adder.class));
        System.out.println("a remote call: " + nanosPerCall(remote) / 1_000 + " us");
        assertThatThrownBy(() -> remote.add(0, 0)).as("the timeout of its grant, there").satisfies(RemoteServicesIT::tell);
        assertThat(remote.add(1, 1)).isIn(102, 202);

        first.destroyForcibly().waitFor();
        long lost = System.nanoTime();
        eventually(() -> {
            try {
                return added(host) == 200 && found(host).size() == 1;
            } catch (RuntimeException e) {
                return false;
            }
        });
        System.out.println("calls go on " + (System.nanoTime() - lost) / 1_000_000 + " ms after the loss of a node");
        for (int i = 0; i < CALLS; i++) {
            assertThat(added(host)).isEqualTo(200);
        }
        System.out.println("a local call: " + nanosPerCall(local(host), 50_000) + " ns");
    }

    /** The same plugin on this node, as a service. */
    private static Adder local(EmbeddedHost host) throws Exception {
        host.grant("plugin", "own", "offer", "com.acme.itests.*", "timeout", "2000");
        host.install("own", ";services=\"" + Adder.class.getName() + "\"", RemoteNode.adding(300)).start();
        return host.service(Adder.class, "own");
    }

    private static void tell(Throwable refused) {
        System.out.println("a call past the grant's timeout: " + refused + ", caused by " + refused.getCause());
    }
}
