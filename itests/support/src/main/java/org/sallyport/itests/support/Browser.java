package org.sallyport.itests.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Chromium without a window, with one page, driven by its DevTools protocol. */
public final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "chrome");
    private static final Pattern LISTENS = Pattern.compile("DevTools listening on ws://([^/]+)/");
    private static final Pattern PAGE = Pattern.compile("\"webSocketDebuggerUrl\": \"(ws:[^\"]+)\"");
    private static final Pattern PICTURE = Pattern.compile("\"data\":\"([^\"]+)\"");
    private static final Pattern VALUE = Pattern.compile("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final long PATIENCE_SECONDS = 60;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final WebSocket socket;
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private int last;

    /** The executable on this machine. */
    public static Optional<Path> installed() {
        return Pattern.compile(":").splitAsStream(System.getenv("PATH"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param profile an empty folder */
    public Browser(Path executable, Path profile, URI address) throws Exception {
        process = new ProcessBuilder(executable.toString(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-dev-shm-usage", "--window-size=1280,1000",
                "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")
                .redirectErrorStream(true)
                .start();
        boolean done = false;
        try {
            String tools = listens(process.inputReader());
            HttpRequest page = HttpRequest.newBuilder(URI.create("http://" + tools + "/json/new?" + address))
                    .PUT(HttpRequest.BodyPublishers.noBody())
                    .build();
            Matcher url = PAGE.matcher(http.send(page, HttpResponse.BodyHandlers.ofString()).body());
            if (!url.find()) {
                throw new IOException("no page of " + executable);
            }
            socket = http.newWebSocketBuilder().buildAsync(URI.create(url.group(1)), new Listener()).get();
            done = true;
        } finally {
            if (!done) {
                process.destroy();
            }
        }
    }

    private static String listens(BufferedReader output) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher listens = LISTENS.matcher(line);
            if (listens.find()) {
                Thread.startVirtualThread(() -> drain(output));
                return listens.group(1);
            }
            said.append(line).append('\n');
        }
        throw new IOException("Chromium does not listen: " + said);
    }

    /** What it says must not fill the pipe. */
    private static void drain(BufferedReader output) {
        try {
            while (output.readLine() != null) {}
        } catch (IOException e) {
            // it has ended
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
            parts.append(data);
            if (isLast) {
                answers.add(parts.toString());
                parts.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    /** What the page's JavaScript says to an expression, as text; waits for promises. */
    public String evaluate(String expression) throws Exception {
        String answer = ask("Runtime.evaluate", "{\"awaitPromise\":true,\"returnByValue\":true,\"expression\":"
                + quoted("(async () => String(" + expression + "))()") + "}");
        Matcher value = VALUE.matcher(answer);
        if (!value.find()) {
            throw new AssertionError(expression + " failed: " + answer);
        }
        return value.group(1);
    }

    /** What the page looks like, as PNG. */
    public byte[] picture() throws Exception {
        Matcher data = PICTURE.matcher(ask("Page.captureScreenshot", "{\"format\":\"png\"}"));
        if (!data.find()) {
            throw new AssertionError("no picture of the page");
        }
        return Base64.getDecoder().decode(data.group(1));
    }

    /** @return what the browser answers, as JSON */
    private String ask(String method, String parameters) throws Exception {
        int id = ++last;
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + parameters + "}", true).join();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < end) {
            String answer = answers.poll(1, TimeUnit.SECONDS);
            if (answer != null && answer.startsWith("{\"id\":" + id + ",")) {
                return answer;
            }
        }
        throw new AssertionError(method + " " + parameters + ": no answer of the browser");
    }

    /** Until the expression has the value. */
    public void await(String expression, String value) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String found = evaluate(expression);
        while (!found.equals(value)) {
            if (System.nanoTime() > end) {
                throw new AssertionError(expression + " is " + found + ", not " + value);
            }
            Thread.sleep(50);
            found = evaluate(expression);
        }
    }

    /** As a literal of JSON and JavaScript. */
    public static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    @Override
    public void close() {
        socket.abort();
        http.close();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join(); // it writes into its profile until then
    }
}
