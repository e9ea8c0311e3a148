package org.sallyport.proxywasm;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.proxywasm.HttpMessage.Header;

/** A response that a servlet writes and nobody gets yet: status, headers and body. */
final class HeldResponse extends HttpServletResponseWrapper {
    private final List<Header> headers = new ArrayList<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final int mostBytes;
    private int status = SC_OK;
    private boolean tooLarge;
    private @Nullable PrintWriter writer;

    HeldResponse(HttpServletResponse response, int mostBytes) {
        super(response);
        this.mostBytes = mostBytes;
    }

    /** When the servlet has written. */
    boolean isTooLarge() {
        if (writer != null) {
            writer.flush();
        }
        return tooLarge;
    }

    /** When the servlet has written, and it is not too large. */
    HttpMessage message() {
        List<Header> all = new ArrayList<>();
        all.add(new Header(":status", String.valueOf(status)));
        all.addAll(headers);
        return new HttpMessage(all, body.toByteArray());
    }

    @Override
    public void setStatus(int code) {
        status = code;
    }

    @Override
    public int getStatus() {
        return status;
    }

    @Override
    public void sendError(int code) {
        status = code;
        resetBuffer();
    }

    @Override
    public void sendError(int code, String message) {
        sendError(code);
    }

    @Override
    public void sendRedirect(String location) {
        status = SC_FOUND;
        setHeader("location", location);
        resetBuffer();
    }

    @Override
    public boolean containsHeader(String name) {
        return headers.stream().anyMatch(header -> header.name().equals(name.toLowerCase(Locale.ROOT)));
    }

    @Override
    public void setHeader(String name, String value) {
        headers.removeIf(header -> header.name().equals(name.toLowerCase(Locale.ROOT)));
        addHeader(name, value);
    }

    @Override
    public void addHeader(String name, String value) {
        headers.add(new Header(name.toLowerCase(Locale.ROOT), value));
    }

    @Override
    public void setIntHeader(String name, int value) {
        setHeader(name, String.valueOf(value));
    }

    @Override
    public void addIntHeader(String name, int value) {
        addHeader(name, String.valueOf(value));
    }

    @Override
    public void setContentType(String type) {
        setHeader("content-type", type);
        super.setContentType(type);
    }

    @Override
    public void setContentLength(int length) {
        // what is sent is counted
    }

    @Override
    public void setContentLengthLong(long length) {
        // likewise
    }

    @Override
    public void flushBuffer() {
        // it is not sent yet
    }

    @Override
    public boolean isCommitted() {
        return false;
    }

    @Override
    public void reset() {
        headers.clear();
        status = SC_OK;
        resetBuffer();
    }

    @Override
    public void resetBuffer() {
        body.reset();
        tooLarge = false;
    }

    @Override
    public PrintWriter getWriter() {
        PrintWriter known = writer;
        if (known == null) {
            String encoding = getCharacterEncoding();
            Charset charset = encoding == null ? StandardCharsets.ISO_8859_1 : Charset.forName(encoding);
            known = new PrintWriter(new OutputStreamWriter(getOutputStream(), charset));
            writer = known;
        }
        return known;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return new ServletOutputStream() {
            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {
                throw new IllegalStateException("the response is synchronous");
            }

            @Override
            public void write(int b) {
                if (body.size() < mostBytes) {
                    body.write(b);
                } else {
                    tooLarge = true;
                }
            }
        };
    }
}
