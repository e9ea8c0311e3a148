package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.itests.support.Browser;
import org.sallyport.text.Wat;

/**
 * An operator of {@code ./sallyport host --console}: types the session of {@code docs/operating.md} as it is printed there, with
 * the modules that are printed there, and then uses the console's page in a Chromium. With {@code -Dbless=true} the pictures of
 * the page in {@code docs} are taken anew.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperatorIT {
    private static final Path DOCS = Path.of(System.getProperty("sallyport.root", "../..")).resolve("docs");
    private static final Pattern ADDRESS = Pattern.compile("The console is at (http://\\S+) \\(admin, password (\\w+)\\)");
    private static final String PROMPT = "g! ";

    @TempDir
    static Path folder;

    private static HostProcess host;
    private static URI page;
    private static String password;

    /** A command, and what it is said to answer. */
    private record Exchange(String command, String answer) {}

    @BeforeAll
    static void start() throws Exception {
        String document = Files.readString(DOCS.resolve("operating.md"));
        Matcher module = Pattern.compile("```wasm\\n;; (\\w+)\\.wat\\n(.*?)```", Pattern.DOTALL).matcher(document);
        while (module.find()) {
            Files.write(folder.resolve(module.group(1) + ".wasm"), Wat.compile(module.group(2)));
        }
        byte[] sum = Files.readAllBytes(folder.resolve("sum.wasm"));
        Files.write(folder.resolve("truncated.wasm"), Arrays.copyOf(sum, 100));
        host = new HostProcess(folder, folder.resolve("temp"), folder.resolve("out"), folder.resolve("log"),
                "--console=0");
        host.ready("The console is at");
        Matcher address = ADDRESS.matcher(host.said());
        assertThat(address.find()).as(host.said()).isTrue();
        page = URI.create(address.group(1));
        password = address.group(2);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (host != null) {
            host.close();
        }
    }

    private static List<Exchange> session() throws IOException {
        String document = Files.readString(DOCS.resolve("operating.md"));
        String text = document.substring(document.indexOf("```", document.indexOf("<!-- session -->")) + 3);
        List<Exchange> session = new ArrayList<>();
        for (String part : text.substring(0, text.indexOf("```")).strip().split("\n\n(?=" + PROMPT + ")")) {
            int end = part.indexOf('\n');
            session.add(new Exchange(part.substring(PROMPT.length(), end), part.substring(end + 1)));
        }
        return session;
    }

    /** Blanks are as many as the widest cell needs, and {@code …} is anything. */
    private static Pattern pattern(String answer) {
        StringBuilder pattern = new StringBuilder();
        for (String line : answer.strip().split("\n")) {
            String[] parts = line.strip().split("…", -1);
            for (int i = 0; i < parts.length; i++) {
                String[] words = parts[i].split(" +", -1);
                for (int j = 0; j < words.length; j++) {
                    pattern.append(j == 0 ? "" : " +").append(Pattern.quote(words[j]));
                }
                pattern.append(i + 1 < parts.length ? "[\\s\\S]*?" : "");
            }
            pattern.append(" *\n *");
        }
        return Pattern.compile("\\s*" + pattern + "\\s*");
    }

    @Test
    @Order(1)
    void sessionIsAsTheDocumentSays() throws Exception {
        List<Exchange> session = session();
        assertThat(session).hasSizeGreaterThan(12);
        for (Exchange exchange : session) {
            assertThat(host.type(exchange.command()) + "\n").as(exchange.command() + " should answer\n" + exchange.answer())
                    .matches(pattern(exchange.answer())).doesNotContain("gogo:", "\\u{");
        }
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String login) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            String credentials = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            return http.send(request.header("Authorization", "Basic " + credentials).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** A form of somebody else's page, in the browser of an operator who is logged in. */
    @Test
    @Order(2)
    void nothingIsDoneWithoutLoginAndToken() throws Exception {
        String admin = "admin:" + password;
        assertThat(send(HttpRequest.newBuilder(page), "admin:admin").statusCode()).isEqualTo(401);
        assertThat(send(HttpRequest.newBuilder(page), admin).statusCode()).isEqualTo(200);
        for (String token : List.of("", "&token=", "&token=0123456789abcdef")) {
            var form = HttpRequest.newBuilder(page)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("action=grant&plugin=sum" + token));
            assertThat(send(form, admin).statusCode()).as(token).isEqualTo(403);
        }
        assertThat(host.type("sallyport:grants")).doesNotContain("sum ->");
    }

    @Test
    @Order(3)
    void pageInABrowser(@TempDir Path profile) throws Exception {
        var chromium = Browser.installed();
        assumeTrue(chromium.isPresent(), "SKIPPED: there is no Chromium on the PATH, the console's page is not tested");
        host.type("sallyport:install file:div.wasm");
        URI address = URI.create(page.toString().replace("://", "://admin:" + password + "@"));
        try (Browser browser = new Browser(chromium.get(), profile, address)) {
            browser.await(state("sum"), "UNSATISFIED");
            assertThat(browser.evaluate("document.querySelectorAll('.sallyport-graph path.bad').length")).isNotEqualTo("0");
            assertThat(browser.evaluate("(await (await fetch(location.origin + location.pathname + '/log.fragment?after=0'))"
                    + ".text()).startsWith('<tr')")).as("without the console's frame").isEqualTo("true");
            picture(browser, "console-plugins.png");

            click(browser, "[data-plugin=sum] a");
            browser.await("document.querySelector('#sallyport-asks')?.textContent.includes('\"log\" \"info\"')", "true");
            click(browser, "#sallyport-asks form button");
            browser.await(answer("allow=(sallyport.module=log)"), "true");
            picture(browser, "console-asks.png");
            browser.evaluate("[...document.querySelectorAll('#sallyport form button')]"
                    + ".find(button => button.textContent === 'grant all that it lacks').click()");
            browser.await(answer("plugin sum is ACTIVE"), "true");

            for (int i = 0; i < 5; i++) {
                assertThat(host.type("sallyport:call sum add 3 4")).contains("7");
            }
            browser.await("document.querySelector('#sallyport-figures tbody td').textContent", "9");
            browser.await("document.querySelectorAll('.sallyport-chart rect').length > 0", "true");
            browser.await("document.querySelector('#sallyport-log').textContent.includes('is ACTIVE')", "true");
            browser.evaluate("document.querySelector('#sallyport-grants form button').click()");
            browser.await(answer("is deleted"), "true");

            browser.evaluate("location.href = " + Browser.quoted(page + "?plugin=div"));
            browser.await("document.querySelector('#sallyport h2')?.textContent", "div is ACTIVE");
            assertThat(host.type("sallyport:call div div 0")).startsWith("integer divide by zero");
            browser.await("document.querySelector('#sallyport pre.bad')?.textContent.includes('integer divide by zero')", "true");
            assertThat(browser.evaluate("document.querySelector('#sallyport pre.bad').textContent"))
                    .contains("TRAP").contains("!div @ 0x");
            picture(browser, "console-traps.png");
            browser.evaluate("document.querySelector('#sallyport a').click()");
            browser.await(state("div"), "ACTIVE");
        }
    }

    private static String state(String plugin) {
        return "document.querySelector('[data-plugin=" + plugin + "]')?.cells[1].textContent";
    }

    private static String answer(String text) {
        return "document.querySelector('#sallyport-answer')?.textContent.includes(" + Browser.quoted(text) + ")";
    }

    private static void click(Browser browser, String selector) throws Exception {
        browser.evaluate("document.querySelector('" + selector + "').click()");
    }

    private static void picture(Browser browser, String name) throws Exception {
        byte[] picture = browser.picture();
        assertThat(picture).hasSizeGreaterThan(5_000);
        if (Boolean.getBoolean("bless")) {
            Files.write(DOCS.resolve(name), picture);
        }
    }
}
