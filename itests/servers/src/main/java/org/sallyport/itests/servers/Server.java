package org.sallyport.itests.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** An application server in a process of its own, on loopback, out of its published archive. Ends with {@link #close}. */
public abstract class Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final long STOP_SECONDS = 20;
    static final String JAVA_OPTIONS = "-Xmx512m --enable-native-access=ALL-UNNAMED";

    private static final List<String> LIBERTY_FEATURES =
            List.of("servlet-6.1", "cdi-4.1", "restfulWS-4.0", "jsonp-2.1", "mpConfig-3.1", "mpHealth-4.0",
                    "concurrent-3.1");

    final Path home;
    final int port;
    private final Path log;
    private final Process process;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** @param home the unpacked server */
    Server(Path home, List<Integer> ports) throws IOException {
        this.home = home;
        this.port = ports.getFirst();
        prepare(ports);
        log = home.resolve("console.log");
        ProcessBuilder builder = new ProcessBuilder(command(ports)).directory(home.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA_") || name.startsWith("JDK_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment());
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        process.getOutputStream().close();
    }

    abstract void prepare(List<Integer> ports) throws IOException;

    abstract List<String> command(List<Integer> ports);

    abstract Map<String, String> environment();

    /** Where archives are put to be deployed. */
    public abstract Path deployments();

    /** @param archive {@code wildfly-dist}, which is unpacked below {@code target} */
    public static Server wildFly(Path archive) throws IOException {
        Path home = unpacked(archive);
        return new Server(home, freePorts(3)) {
            @Override
            void prepare(List<Integer> ports) {}

            @Override
            List<String> command(List<Integer> ports) {
                return List.of(
                        home.resolve("bin/standalone.sh").toString(), "-b", "127.0.0.1", "-bmanagement", "127.0.0.1",
                        "-c", "standalone-microprofile.xml",
                        "-Djboss.http.port=" + ports.get(0), "-Djboss.https.port=" + ports.get(1),
                        "-Djboss.management.http.port=" + ports.get(2));
            }

            @Override
            Map<String, String> environment() {
                return Map.of("JAVA_OPTS", JAVA_OPTIONS, "LAUNCH_JBOSS_IN_BACKGROUND", "1");
            }

            @Override
            public Path deployments() {
                return home.resolve("standalone/deployments");
            }
        };
    }

    /** @param archive {@code openliberty-runtime}, which is unpacked below {@code target} */
    public static Server liberty(Path archive) throws IOException {
        Path home = unpacked(archive);
        return new Server(home, freePorts(1)) {
            @Override
            void prepare(List<Integer> ports) throws IOException {
                Files.createDirectories(deployments());
                Files.writeString(folder().resolve("server.xml"), """
                        <server>
                          <featureManager>%s</featureManager>
                          <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="%d" httpsPort="-1"/>
                          <applicationMonitor pollingRate="500ms"/>
                        </server>
                        """.formatted(features(), ports.get(0)));
                Files.write(folder().resolve("jvm.options"), List.of(JAVA_OPTIONS.split(" ")));
            }

            private String features() {
                return LIBERTY_FEATURES.stream().map("<feature>%s</feature>"::formatted).collect(Collectors.joining());
            }

            private Path folder() {
                return home.resolve("usr/servers/s");
            }

            @Override
            List<String> command(List<Integer> ports) {
                return List.of(home.resolve("bin/server").toString(), "run", "s");
            }

            @Override
            Map<String, String> environment() {
                return Map.of();
            }

            @Override
            public Path deployments() {
                return home.resolve("usr/servers/s/dropins");
            }
        };
    }

    static Path unpacked(Path archive) throws IOException {
        Path home = Path.of("target", "servers", archive.getFileName().toString().replace(".zip", "")).toAbsolutePath();
        if (Files.isDirectory(home)) {
            delete(home);
        }
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            ZipEntry entry;
            while ((entry = zip.getNextEntry()) != null) {
                String name = entry.getName();
                Path to = home.resolve(name.substring(name.indexOf('/') + 1)).normalize();
                if (!to.startsWith(home)) {
                    throw new IOException("bad entry " + name + " of " + archive);
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(to);
                } else {
                    Files.createDirectories(to.getParent());
                    Files.copy(zip, to);
                    if (name.contains("/bin/")) {
                        to.toFile().setExecutable(true);
                    }
                }
            }
        }
        return home;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    static List<Integer> freePorts(int count) throws IOException {
        ServerSocket[] sockets = new ServerSocket[count];
        try {
            Integer[] ports = new Integer[count];
            for (int i = 0; i < count; i++) {
                sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ports[i] = sockets[i].getLocalPort();
            }
            return List.of(ports);
        } finally {
            for (ServerSocket socket : sockets) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    /** Takes an application away; returns when it does not answer any more. */
    public void undeploy(String name, String path) throws Exception {
        Files.delete(deployments().resolve(name + ".war"));
        await(name + path, text -> text.startsWith("HTTP 404"));
    }

    /** Of an application's pages. */
    public URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + "/" + path);
    }

    /** The body of the answer; if it is no success, {@code HTTP} and the status before it. */
    public String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address(path))
                .timeout(Duration.ofSeconds(60))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 200 ? answer.body() : "HTTP " + answer.statusCode() + " " + answer.body();
    }

    /** Asks until the answer is as expected. */
    public void await(String path, Predicate<String> expected) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            try {
                last = get(path);
                if (expected.test(last)) {
                    return;
                }
            } catch (IOException e) {
                last = e.toString();
            }
            if (!process.isAlive()) {
                break;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("/" + path + " of " + home.getFileName() + " answered \"" + last
                + "\" last; its console ends with:\n" + tail());
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }

    /** The JVM: the process itself, or the one that its script started. */
    long jvm() {
        return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants())
                .filter(handle -> handle.info().command().orElse("").endsWith("/java"))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no JVM of " + home.getFileName()));
    }

    /** What the JVM holds, after a collection. */
    Footprint footprint() throws Exception {
        objects("java.lang.Object");
        return Footprint.of(jvm(), jcmd("VM.classloader_stats").lines()
                .filter(line -> line.startsWith("Total = "))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[2]))
                .findFirst()
                .orElseThrow());
    }

    private String jcmd(String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), "" + jvm(), command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(jcmd.getInputStream().readAllBytes());
        jcmd.waitFor();
        return answer;
    }

    /** Objects of a class in the JVM, after a collection. */
    long objects(String className) throws Exception {
        return jcmd("GC.class_histogram").lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length >= 4 && words[3].equals(className))
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }

    /** The same when there are no more than so many, which may take a server some time, or after a quarter of a minute. */
    public long objectsAtMost(long most, String className) throws Exception {
        long found = objects(className);
        for (int i = 0; i < 15 && found > most; i++) {
            Thread.sleep(1_000);
            found = objects(className);
        }
        return found;
    }

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.toHandle().descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle handle : all) {
            handle.onExit()
                    .completeOnTimeout(handle, STOP_SECONDS, TimeUnit.SECONDS)
                    .thenAccept(ProcessHandle::destroyForcibly)
                    .join();
        }
    }
}
