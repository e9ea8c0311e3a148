package org.sallyport.itests.support.random;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Node.js (V8) in a process of its own that lives on between batches, as it costs far more to start than to run a module. A
 * process that dies or does not answer is replaced, and the batch that it had is asked again case by case. For one thread.
 */
public final class NodeEngine implements AutoCloseable {
    private static final String SCRIPT = script();
    /** What a process that died leaves for a case. */
    public static final String DEAD = "node died";

    private final Path node;
    private final long secondsForCase;
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("node-watchdog").unstarted(task));
    private @Nullable Process process;

    /** @param binaries in the order in which they are instantiated; each may import the one before as {@code lib} */
    public record Case(List<byte[]> binaries, Plan plan) {}

    /** @param node the program, of version 24 or later */
    public NodeEngine(Path node, long secondsForCase) {
        this.node = node;
        this.secondsForCase = secondsForCase;
    }

    private static String script() {
        try (InputStream in = NodeEngine.class.getResourceAsStream("node.js")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of each case, as {@link Plan} describes them; {@link #DEAD} for one that ended the process. */
    public List<List<String>> run(List<Case> cases) {
        try {
            return ask(cases);
        } catch (IOException e) {
            kill();
            if (cases.size() == 1) {
                return List.of(List.of(DEAD));
            }
            List<List<String>> all = new ArrayList<>();
            cases.forEach(one -> all.addAll(run(List.of(one))));
            return all;
        }
    }

    private List<List<String>> ask(List<Case> cases) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream batch = new DataOutputStream(bytes);
        batch.writeInt(cases.size());
        for (Case one : cases) {
            batch.writeInt(one.binaries.size());
            for (byte[] binary : one.binaries) {
                batch.writeInt(binary.length);
                batch.write(binary);
            }
            StringBuilder plan = new StringBuilder().append(one.plan.functions());
            one.plan.calls().forEach(call -> plan.append('\n').append(call.line()));
            byte[] text = plan.toString().getBytes(UTF_8);
            batch.writeInt(text.length);
            batch.write(text);
        }
        Process running = process;
        if (running == null || !running.isAlive()) {
            running = new ProcessBuilder(node.toString(), "--single-threaded", "--expose-gc", "-e", SCRIPT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process = running;
        }
        Process watched = running;
        Future<?> end = watchdog.schedule(() -> watched.destroyForcibly(), secondsForCase * cases.size() + 5, TimeUnit.SECONDS);
        try {
            DataOutputStream to = new DataOutputStream(new BufferedOutputStream(running.getOutputStream()));
            to.writeInt(bytes.size());
            bytes.writeTo(to);
            to.flush();
            DataInputStream from = new DataInputStream(running.getInputStream());
            String answer = new String(from.readNBytes(from.readInt()), UTF_8);
            List<List<String>> all = new ArrayList<>();
            for (String one : answer.split("\0", -1)) {
                all.add(List.of(one.split("\n")));
            }
            if (all.size() != cases.size()) {
                throw new IOException("the answer is cut off");
            }
            return all;
        } finally {
            end.cancel(false);
        }
    }

    private void kill() {
        if (process != null) {
            process.destroyForcibly();
            process = null; // it may seem alive for a while
        }
    }

    @Override
    public void close() {
        kill();
        watchdog.shutdownNow();
    }
}
