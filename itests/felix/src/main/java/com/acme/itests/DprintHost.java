package com.acme.itests;

import org.sallyport.Caller;

/** What dprint's Markdown plugin imports from module {@code dprint}: a host that formats the code blocks in a text. */
public interface DprintHost {
    /** @return 0 unchanged, 1 changed, 2 fault: then the text or the message is asked for */
    int host_format(
            Caller caller, int path, int pathLength, int start, int end, int settings, int settingsLength, int text,
            int textLength);

    int host_get_formatted_text(Caller caller);

    int host_get_error_text(Caller caller);

    void host_write_buffer(Caller caller, int address);
}
