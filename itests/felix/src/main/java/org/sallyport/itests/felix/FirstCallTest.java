package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Dictionary;
import com.acme.itests.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.host.EntryPolicy;

/**
 * The first call after activation, which a plugin's timeout must leave to the guest's own work. What counts is not time,
 * which says little on a busy machine, but what the calling thread does besides: nothing is loaded, linked, compiled or
 * instantiated any more. Runs of its own ({@code first-call*.bndrun}) have it before anything else in a fresh JVM.
 */
class FirstCallTest extends PluginTest {
    /** Long, because the machine may be busy; that there is one leads through the same code as 50 ms would. */
    private static final String TIMEOUT = ";timeout=20000";

    @TempDir
    Path folder;

    private static final class Words implements Dictionary {
        @Override
        public String lookUp(String word) {
            return word;
        }

        @Override
        public byte[] raw(byte[] bytes, boolean reversed) {
            return bytes;
        }
    }

    @BeforeEach
    void offerWords() throws Exception {
        Words words = new Words();
        assertThat(words.lookUp("a")).isEqualTo("a"); // the host's own classes are not the question
        offer("dictionary", Dictionary.class, words);
        grant("texts*", "(sallyport.module=dictionary)");
    }

    @Test
    void doesNothingButCall() throws Exception {
        for (int round = 0; round < 10; round++) {
            EntryPolicy policy = EntryPolicy.values()[round % 4];
            String id = "texts" + round;
            var bundle = start(id, services(Texts.class) + TIMEOUT + ";policy=" + policy, PluginBundles.wasm("texts"));
            Texts texts = service(Texts.class, id);
            assertThat(work(texts::taken)).as("%s, numbers, policy %s", id, policy).isEmpty();
            if (policy != EntryPolicy.FRESH) { // what further calls of that policy do belongs to it
                assertThat(work(() -> texts.translate("word"))).as("%s, strings", id).isEmpty();
                assertThat(work(() -> texts.reverse(new byte[] {1}))).as("%s, bytes", id).isEmpty();
                assertThat(work(() -> texts.mix(1, 2, 3, 4))).as("%s, other numbers", id).isEmpty();
            }
            assertThat(plugin(id).counters().stops()).isZero();
            bundle.uninstall();
        }
    }

    /** What this thread does in the call that is none of the guest's work. */
    private List<String> work(Callable<?> call) throws Exception {
        Path file = folder.resolve("call.jfr");
        long thread = Thread.currentThread().threadId();
        Instant start;
        Instant end;
        try (Recording recording = new Recording()) {
            for (String event : List.of(
                    "jdk.ClassDefine",
                    "jdk.ClassLoad",
                    "org.sallyport.Compile",
                    "org.sallyport.Instantiate")) {
                recording.enable(event).withoutThreshold();
            }
            recording.start();
            start = Instant.now();
            call.call();
            end = Instant.now();
            recording.stop();
            recording.dump(file);
        }
        List<String> found = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            boolean inside = !event.getStartTime().isBefore(start) && !event.getEndTime().isAfter(end);
            boolean mine = event.getThread() != null && event.getThread().getJavaThreadId() == thread;
            if (inside && mine && counts(event)) {
                found.add(what(event));
            }
        }
        Files.delete(file);
        return found;
    }

    /** With all of the stack, unlike {@code toString}. */
    private static String what(RecordedEvent event) {
        StringBuilder text = new StringBuilder(event.getEventType().getName());
        if (event.hasField("loadedClass")) {
            text.append(' ').append(event.getClass("loadedClass").getName());
        }
        if (event.getStackTrace() != null) {
            event.getStackTrace().getFrames().forEach(frame -> text.append("\n  at ")
                    .append(frame.getMethod().getType().getName())
                    .append('.')
                    .append(frame.getMethod().getName()));
        }
        return text.toString();
    }

    /**
     * Not what the test does around the call; nor that Java adapts a handle to itself when it has been called 127 times,
     * as its compiler adapts methods: whichever call is the one.
     */
    private static boolean counts(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return true;
        }
        List<String> methods = event.getStackTrace().getFrames().stream()
                .map(frame -> frame.getMethod().getType().getName() + "." + frame.getMethod().getName())
                .toList();
        return methods.stream().anyMatch(method -> method.startsWith("org.sallyport.host.contract"))
                && !methods.contains("java.lang.invoke.MethodHandle.customize");
    }
}
