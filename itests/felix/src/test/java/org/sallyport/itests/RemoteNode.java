package org.sallyport.itests;

import com.acme.itests.Adder;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.sallyport.itests.EmbeddedHost.Platform;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.text.Wat;

/**
 * A process of its own: a framework with Aries Remote Service Admin, a plugin, and a grant that exports it. Ends with its
 * input, or when it is killed.
 */
final class RemoteNode {
    private static final String RSA = "org.apache.aries.rsa";
    private static final String VERSION = ":1.14.0";
    /** Of what Aries needs and its artefacts do not bring along as bundles, with the versions that it asks for. */
    private static final String PACKAGES = "org.slf4j;version=1.7.36,javax.xml.bind;version=2.3,"
            + "javax.xml.bind.annotation;version=2.3,org.apache.zookeeper;version=3.9,org.apache.zookeeper.data;version=3.9,"
            + "org.apache.zookeeper.server;version=3.9,org.apache.zookeeper.server.quorum;version=3.9";

    private RemoteNode() {}

    static Path artefacts() {
        return RealInputs.maven("aries-rsa-1.14.0-zookeeper-3.9.5",
                RSA + ":org.apache.aries.rsa.core" + VERSION,
                RSA + ":org.apache.aries.rsa.spi" + VERSION,
                RSA + ":org.apache.aries.rsa.topology-manager" + VERSION,
                RSA + ".provider:org.apache.aries.rsa.provider.tcp" + VERSION,
                RSA + ".discovery:org.apache.aries.rsa.discovery.zookeeper" + VERSION,
                "org.apache.zookeeper:zookeeper:3.9.5",
                "io.dropwizard.metrics:metrics-core:4.1.12.1",
                "org.xerial.snappy:snappy-java:1.1.10.5",
                "org.glassfish.jaxb:jaxb-runtime:2.3.9");
    }

    private static List<Path> jars(String name) throws IOException {
        try (Stream<Path> files = Files.list(artefacts())) {
            return files.filter(file -> file.getFileName().toString().matches(name)).sorted().toList();
        }
    }

    /** ZooKeeper, JAXB and what they need, on a class path. */
    static URLClassLoader libraries() throws IOException {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars("(?!org\\.(apache\\.aries|osgi|apache\\.felix)).*\\.jar")) {
            urls.add(jar.toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** A framework that finds others through ZooKeeper on that port. */
    static EmbeddedHost host(String kind, Path storage, int zookeeper) throws Exception {
        ClassLoader libraries = libraries();
        Thread.currentThread().setContextClassLoader(libraries); // by which JAXB looks for itself
        EmbeddedHost host = new EmbeddedHost(kind, storage, new Platform(
                libraries, PACKAGES, jars("org\\.apache\\.aries\\.rsa\\..*")));
        host.configure(RSA + ".discovery.zookeeper",
                "zookeeper.host", "127.0.0.1", "zookeeper.port", "" + zookeeper, "zookeeper.timeout", "3000");
        return host;
    }

    /** Adds so much more; never ends if the first number is 0. */
    static byte[] adding(int more) {
        return Wat.compile("(module (func (export \"add\") (param i32 i32) (result i32)"
                + " (if (i32.eqz (local.get 0)) (then (loop $on (br $on))))"
                + " (i32.add (i32.const " + more + ") (i32.add (local.get 0) (local.get 1)))))");
    }

    /** @param args framework, folder, port of ZooKeeper, what is added to each sum */
    public static void main(String[] args) throws Exception {
        EmbeddedHost host = host(args[0], Path.of(args[1]), Integer.parseInt(args[2]));
        byte[] wasm = adding(Integer.parseInt(args[3]));
        host.grant("plugin", "shared", "offer", "com.acme.itests.*", "timeout", "2000",
                "export", Adder.class.getName(), "export.aries.rsa.hostname", "127.0.0.1");
        String services = ";services=\"" + Adder.class.getName() + "\"";
        host.install("shared", services, wasm).start();
        host.grant("plugin", "local", "offer", "com.acme.itests.*");
        host.install("local", services + ";property.service.exported.interfaces=\"*\"", wasm).start();
        host.service(Adder.class, "shared");
        host.service(Adder.class, "local");
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // until its parent is gone
        }
        System.exit(0);
    }
}
