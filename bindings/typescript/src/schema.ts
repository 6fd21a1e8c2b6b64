// Made by `npm run generate` from the OpenAPI document with the SHA-256
// 40676f6d4405753e2de42d7dc1c98d6b2b3eabe85acd799c611967cf5c36d0a1

/** Of the server that this was made for. */
export const version = "0.1.0";

/** What a body may be where it is a file. */
export type Bytes =
  | string
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface paths {
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages
         * @description The messages, whether on a page yet or not.
         */
        get: operations["messages_v1_messages_get"];
        put?: never;
        /**
         * Add Messages
         * @description Adds messages. Full pages become vision tokens; the rest stays verbatim until it fills one.
         */
        post: operations["add_messages_v1_messages_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/histories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add History
         * @description Adds a file as `memctl compact` reads it from a pipe: plain text, chats, sessions of coding agents.
         *
         *     The same file again adds nothing, and one that has grown adds its end.
         */
        post: operations["add_history_v1_histories_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finish
         * @description Makes a part-filled page of the text that is not on a page yet.
         */
        post: operations["finish_v1_finish_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search
         * @description Pages that match, best first: by their words and, with an embedder, by their meaning.
         */
        post: operations["search_v1_search_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recall": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recall
         * @description The texts of pages, which then fade later.
         */
        post: operations["recall_v1_recall_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read
         * @description The texts of pages, without delaying their fading. Page 0 is the text that is not on a page yet.
         */
        post: operations["read_v1_read_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pieces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pieces
         * @description The pieces of messages that answer a query best, with their surroundings.
         */
        post: operations["pieces_v1_pieces_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Context
         * @description What to put into the next prompt, within a budget of tokens.
         */
        post: operations["context_v1_context_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Pages
         * @description The pages with their levels and sizes.
         */
        get: operations["pages_v1_pages_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pages/{page}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Picture
         * @description A page as it is remembered, or at another level.
         */
        get: operations["picture_v1_pages__page__picture_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * History
         * @description What happened to the scope's pages: steps down and their reasons, pins, erasures.
         */
        get: operations["history_v1_history_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stats
         * @description What the scope holds and what it costs.
         */
        get: operations["stats_v1_stats_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/verbatim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verbatim
         * @description The text that is not on a page yet.
         */
        get: operations["verbatim_v1_verbatim_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scopes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Scopes
         * @description Scopes of the request's user, as far as the token is for them.
         */
        get: operations["scopes_v1_scopes_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Policy
         * @description How the scope's pages fade (doc/policies.md).
         */
        get: operations["policy_v1_policy_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Plan
         * @description What a round of forgetting would do, and which words that would lose. Pages are read back to find out.
         */
        post: operations["plan_v1_plan_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/age": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Age
         * @description A round of forgetting. One that is ended early can be gone on with by the next.
         */
        post: operations["age_v1_age_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pages/{page}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Promote
         * @description Takes a page to a sharper level, by itself to the one before its last step down.
         */
        post: operations["promote_v1_pages__page__promote_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pages/{page}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pin
         * @description A pinned page keeps its level and is in every context.
         */
        post: operations["pin_v1_pages__page__pin_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase
         * @description Removes pages, messages or a part of a page for good. What came from a source stays away.
         */
        post: operations["erase_v1_erase_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scope": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase Scope
         * @description Removes all that the scope has, for good.
         */
        delete: operations["erase_scope_v1_scope_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export Scope
         * @description All that the scope has, as a store file with it alone. With a key it is encrypted.
         */
        post: operations["export_scope_v1_export_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Scope
         * @description Copies a scope of a store file into the request's scope, which must be empty.
         */
        post: operations["import_scope_v1_import_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description The process answers.
         */
        get: operations["health_healthz_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readiness
         * @description The store can be read.
         */
        get: operations["readiness_readyz_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prometheus
         * @description Counts and times of requests, without scopes. Needs the right metrics.
         */
        get: operations["prometheus_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Embed
         * @description Gives the scope's messages that have none vectors of the server's embedder.
         */
        post: operations["embed_v1_embed_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** Age */
        Age: {
            /** To */
            to?: ("large" | "base" | "small" | "tiny" | "faint" | "trace") | null;
            /** Policy */
            policy?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * Aged
         * @description A round of forgetting.
         */
        Aged: {
            /** Steps */
            steps: components["schemas"]["Step"][];
            /** Refused */
            refused: components["schemas"]["Refusal"][];
            /**
             * Archives
             * @description Pages whose exact text went.
             */
            archives: number[];
            /** Vision Tokens */
            vision_tokens: number;
            expired: components["schemas"]["Receipt"] | null;
            /** Stopped */
            stopped: boolean;
        };
        /** Carried */
        Carried: {
            /** Pages */
            pages: number;
        };
        /**
         * Compacted
         * @description What adding made of it.
         */
        Compacted: {
            /**
             * Pages
             * @description Written by this request.
             */
            pages: number;
            /** Characters */
            characters: number;
            /**
             * Text Tokens
             * @description What these pages would cost as text.
             */
            text_tokens: number;
            /** Vision Tokens */
            vision_tokens: number;
            /** Levels */
            levels: {
                [key: string]: components["schemas"]["LevelSummary"];
            };
            /**
             * Verbatim Characters
             * @description Not on a page yet.
             */
            verbatim_characters: number;
            /**
             * Secrets
             * @description Keys, tokens and private text that a mark replaced, by kind.
             */
            secrets: {
                [key: string]: number;
            };
            /**
             * Skipped Messages
             * @description Already in the store, or erased from it.
             */
            skipped_messages: number;
            /**
             * Erased Messages
             * @description The part of these that was erased before.
             */
            erased_messages: number;
            /** Left Out */
            left_out: {
                [key: string]: number;
            };
            /**
             * Broken Parts
             * @description Of a history: lines or items that could not be read.
             * @default 0
             */
            broken_parts?: number;
            /** Stopped */
            stopped: boolean;
        };
        /**
         * Context
         * @description What to put into the next prompt: parts, or `messages` in a provider's format.
         */
        Context: {
            /** Tokens */
            tokens: number;
            /** Budget */
            budget: number;
            /** Images */
            images: number;
            /** Pages */
            pages: number;
            /** Saved Against Text */
            saved_against_text: number;
            /** Target */
            target: string;
            /** Notes */
            notes: string[];
            /** Parts */
            parts: components["schemas"]["ContextPart"][];
            /**
             * Messages
             * @description Empty for format parts.
             */
            messages: {
                [key: string]: unknown;
            }[];
        };
        /** ContextAsked */
        ContextAsked: {
            /**
             * Budget
             * @default 20000
             */
            budget?: number;
            /**
             * Query
             * @default
             */
            query?: string;
            /** Recent */
            recent?: number | null;
            /** Target */
            target?: string | null;
            /**
             * Format
             * @default parts
             * @enum {string}
             */
            format?: "parts" | "openai-chat" | "openai-responses" | "anthropic";
            /**
             * Turns
             * @default true
             */
            turns?: boolean;
        };
        /** ContextPart */
        ContextPart: {
            /** Text */
            text: string;
            /**
             * Png
             * @description Base64; empty for a text.
             */
            png: string;
            /** Page */
            page: number;
            /** Tokens */
            tokens: number;
            /** Role */
            role: string;
        };
        /** Embed */
        Embed: {
            /**
             * Replace
             * @default false
             */
            replace?: boolean;
        };
        /** Embedded */
        Embedded: {
            /** Pieces */
            pieces: number;
            /** Known */
            known: number;
            /** Removed */
            removed: number;
            /** Stopped */
            stopped: boolean;
        };
        /** Entry */
        Entry: {
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /** Event */
            event: string;
            /** Page */
            page: number;
            /** From Level */
            from_level: string | null;
            /** To */
            to: string | null;
            /** Reason */
            reason: string;
            /** Tokens Saved */
            tokens_saved: number;
            /** Accuracy */
            accuracy: number | null;
        };
        /**
         * Erase
         * @description Pages, or messages that meet all that is given, or a part of a page.
         */
        Erase: {
            /** Ids */
            ids?: number[] | null;
            /**
             * Where
             * @description Conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
             * @default []
             */
            where?: string[];
            /**
             * Query
             * @default
             */
            query?: string;
            /**
             * Source Ids
             * @default []
             */
            source_ids?: string[];
            span?: components["schemas"]["Span"] | null;
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
        };
        /** Export */
        Export: {
            /** Key */
            key?: string | null;
        };
        /** Found */
        Found: {
            /** Hits */
            hits: components["schemas"]["Hit"][];
            /**
             * Note
             * @description Without hits: why.
             */
            note: string;
            /**
             * Verbatim Snippet
             * @description Of the text that is not on a page yet.
             */
            verbatim_snippet: string;
        };
        /** Health */
        Health: {
            /** Status */
            status: string;
        };
        /**
         * History
         * @description Oldest first; the newest, if there are more than the limit.
         */
        History: {
            /** Items */
            items: components["schemas"]["Entry"][];
            /** More */
            more: boolean;
        };
        /**
         * Hit
         * @description A page that was found, and why.
         */
        Hit: {
            /** Id */
            id: number;
            /** Score */
            score: number;
            /** Snippet */
            snippet: string;
            /** Scope */
            scope: string;
            /** Role */
            role: string;
            /** Speaker */
            speaker: string;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            words: components["schemas"]["Place"] | null;
            /** Cosine */
            cosine: number | null;
            likeness: components["schemas"]["Place"] | null;
            recency: components["schemas"]["Place"] | null;
        };
        /** Items */
        Items: {
            /** Items */
            items: components["schemas"]["Recalled"][];
        };
        /** LevelSummary */
        LevelSummary: {
            /** Pages */
            pages: number;
            /** Vision Tokens */
            vision_tokens: number;
            /** Fidelity */
            fidelity: number | null;
        };
        /** Message */
        Message: {
            /** Id */
            id: number;
            /** Scope */
            scope: string;
            /** Role */
            role: string;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /**
             * Expires
             * @description Since 1970; 0: not known, or never.
             */
            expires: number;
            /** Source Id */
            source_id: string;
            /** Pages */
            pages: number[];
            /** Level */
            level: string | null;
            /** Bytes */
            bytes: number;
            /** Tokens */
            tokens: number | null;
            /** Begins */
            begins: string;
        };
        /**
         * Messages
         * @description In order; the newest, if there are more than the limit.
         */
        Messages: {
            /** Items */
            items: components["schemas"]["Message"][];
            /** More */
            more: boolean;
        };
        /** NewMessage */
        NewMessage: {
            /** Role */
            role: string;
            /** Content */
            content: string;
            /**
             * Id
             * @description Identifies the message together with its text: it is added once.
             * @default
             */
            id?: string;
            /** Time */
            time?: number | null;
        };
        /** NewMessages */
        NewMessages: {
            /** Messages */
            messages: components["schemas"]["NewMessage"][];
            /** Expires */
            expires?: number | null;
            /**
             * Restore
             * @description Also add messages that were erased.
             * @default false
             */
            restore?: boolean;
            /**
             * Finish
             * @description Make a part-filled page of the rest.
             * @default false
             */
            finish?: boolean;
        };
        /** Page */
        Page: {
            /** Id */
            id: number;
            /** Scope */
            scope: string;
            /** Level */
            level: string;
            /**
             * First Time
             * @description Since 1970; 0: not known, or never.
             */
            first_time: number;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /**
             * Last Recalled
             * @description Since 1970; 0: not known, or never.
             */
            last_recalled: number;
            /**
             * Expires
             * @description Since 1970; 0: not known, or never.
             */
            expires: number;
            /** Pinned */
            pinned: boolean;
            /** Has Archive */
            has_archive: boolean;
            /** Keeps Text */
            keeps_text: boolean;
            /** Characters */
            characters: number;
            /** Text Tokens */
            text_tokens: number;
            /** Vision Tokens */
            vision_tokens: number;
            /** Token Bytes */
            token_bytes: number;
            /** Fidelity */
            fidelity: number | null;
            /**
             * Fidelity Error
             * @description How far off fidelity may be; 0: the whole page was read.
             */
            fidelity_error: number;
            /** Messages */
            messages: number;
            /** Sources */
            sources: string[];
        };
        /**
         * Pages
         * @description In order; the newest, if there are more than the limit.
         */
        Pages: {
            /** Items */
            items: components["schemas"]["Page"][];
            /** More */
            more: boolean;
        };
        /** Piece */
        Piece: {
            /** Page */
            page: number;
            /** Place */
            place: number;
            /** Role */
            role: string;
            /** Speaker */
            speaker: string;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /** Text */
            text: string;
            /** Around */
            around: string;
        };
        /** Pieces */
        Pieces: {
            /** Items */
            items: components["schemas"]["Piece"][];
        };
        /** PiecesAsked */
        PiecesAsked: {
            /** Query */
            query: string;
            /**
             * K
             * @default 3
             */
            k?: number;
            /**
             * Where
             * @description Conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
             * @default []
             */
            where?: string[];
        };
        /** Pin */
        Pin: {
            /**
             * Pinned
             * @default true
             */
            pinned?: boolean;
        };
        /** Pinned */
        Pinned: {
            /** Id */
            id: number;
            /** Pinned */
            pinned: boolean;
        };
        /** Place */
        Place: {
            /** Rank */
            rank: number;
            /** Value */
            value: number;
            /** Adds */
            adds: number;
        };
        /** Planned */
        Planned: {
            /** Steps */
            steps: components["schemas"]["Step"][];
            /** Refused */
            refused: components["schemas"]["Refusal"][];
            /**
             * Archives
             * @description Pages whose exact text went.
             */
            archives: number[];
            /** Vision Tokens */
            vision_tokens: number;
            expired: components["schemas"]["Receipt"] | null;
            /** Stopped */
            stopped: boolean;
            /**
             * Lost Words
             * @description By page, words that would no longer be read back.
             */
            lost_words: {
                [key: string]: string[];
            };
        };
        /**
         * ProblemDocument
         * @description Problem details for HTTP APIs, RFC 9457.
         */
        ProblemDocument: {
            /**
             * Type
             * @default about:blank
             */
            type?: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /**
             * Code
             * @description For programs.
             * @enum {string}
             */
            code: "invalid_argument" | "not_found" | "corruption" | "io" | "unsupported" | "incomplete" | "failure" | "unauthorized" | "forbidden" | "too_large" | "too_many" | "busy" | "timeout" | "conflict";
            /**
             * Detail
             * @description What was expected, what came, what to do.
             */
            detail: string;
            /**
             * Errors
             * @default []
             */
            errors?: components["schemas"]["WrongField"][];
            /**
             * Retry After
             * @description Seconds after which the same request may succeed, as the header Retry-After has it. The lines of a stream have it here alone.
             */
            retry_after?: number | null;
        };
        /** Promote */
        Promote: {
            /** To */
            to?: ("large" | "base" | "small" | "tiny" | "faint" | "trace") | null;
        };
        /** Read */
        Read: {
            /** Ids */
            ids: number[];
            /**
             * Source
             * @default automatic
             * @enum {string}
             */
            source?: "automatic" | "tokens" | "archive";
        };
        /**
         * Recall
         * @description Pages by their ids, or those that match a query best.
         */
        Recall: {
            /** Ids */
            ids?: number[] | null;
            /** Query */
            query?: string | null;
            /**
             * Source
             * @default automatic
             * @enum {string}
             */
            source?: "automatic" | "tokens" | "archive";
            /**
             * K
             * @default 3
             */
            k?: number;
            /**
             * Where
             * @description Conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
             * @default []
             */
            where?: string[];
        };
        /**
         * Recalled
         * @description The text of a page. id 0: the text that is not on a page yet, whose level is null.
         */
        Recalled: {
            /** Id */
            id: number;
            /** Level */
            level: string | null;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /**
             * Source
             * @description tokens, corrected, archive or verbatim.
             */
            source: string;
            /** Text */
            text: string;
            /** Confidence */
            confidence: number;
            /** Complete */
            complete: boolean;
            /** Messages */
            messages: components["schemas"]["RecalledMessage"][];
        };
        /** RecalledMessage */
        RecalledMessage: {
            /** Begin */
            begin: number;
            /** Length */
            length: number;
            /** Role */
            role: string;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
            /** Begins */
            begins: boolean;
            /** Ends */
            ends: boolean;
        };
        /**
         * Receipt
         * @description What was removed for good, or would be.
         */
        Receipt: {
            /** Pages */
            pages: number[];
            /** Rewritten */
            rewritten: number[];
            /** Without Text */
            without_text: number[];
            /** Not Searched */
            not_searched: number[];
            /** Messages */
            messages: number;
            /** Characters */
            characters: number;
            /** Rows */
            rows: {
                [key: string]: number;
            };
            /** Receipt */
            receipt: string;
            /** Sha256 */
            sha256: string;
            /** Bytes Gone */
            bytes_gone: boolean;
        };
        /** Refusal */
        Refusal: {
            /** Id */
            id: number;
            /** Reason */
            reason: string;
        };
        /** ScopeHeld */
        ScopeHeld: {
            /** Scope */
            scope: string;
            /** Pages */
            pages: number;
            /** Messages */
            messages: number;
            /** Text Tokens */
            text_tokens: number;
            /** Vision Tokens */
            vision_tokens: number;
            /** Verbatim Bytes */
            verbatim_bytes: number;
            /**
             * First Time
             * @description Since 1970; 0: not known, or never.
             */
            first_time: number;
            /**
             * Time
             * @description Since 1970; 0: not known, or never.
             */
            time: number;
        };
        /** Scopes */
        Scopes: {
            /** Items */
            items: components["schemas"]["ScopeHeld"][];
        };
        /** Search */
        Search: {
            /** Query */
            query: string;
            /**
             * K
             * @default 10
             */
            k?: number;
            /**
             * Where
             * @description Conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
             * @default []
             */
            where?: string[];
            /**
             * Recency
             * @default 0
             */
            recency?: number;
        };
        /** Span */
        Span: {
            /** Page */
            page: number;
            /** Begin */
            begin: number;
            /** End */
            end: number;
        };
        /**
         * Stats
         * @description What the scope holds and costs.
         */
        Stats: {
            /** Pages */
            pages: number;
            /** Messages */
            messages: number;
            /** Text Tokens */
            text_tokens: number;
            /** Vision Tokens */
            vision_tokens: number;
            /** Text Bytes */
            text_bytes: number;
            /** Token Bytes */
            token_bytes: number;
            /** Archive Bytes */
            archive_bytes: number;
            /** Verbatim Characters */
            verbatim_characters: number;
            /** Pieces */
            pieces: number;
            /** Embedded Pieces */
            embedded_pieces: number;
            /** Embedder */
            embedder: string;
            /** Levels */
            levels: {
                [key: string]: components["schemas"]["LevelSummary"];
            };
        };
        /** Step */
        Step: {
            /** Id */
            id: number;
            /** From Level */
            from_level: string;
            /**
             * To
             * @description null: gone.
             */
            to: string | null;
            /** Tokens Saved */
            tokens_saved: number;
            /** Fidelity */
            fidelity: number | null;
            /**
             * Fidelity Error
             * @description How far off fidelity may be; 0: the whole page was read.
             */
            fidelity_error: number;
            /** Reason */
            reason: string;
        };
        /** Verbatim */
        Verbatim: {
            /** Text */
            text: string;
        };
        /**
         * WrongField
         * @description A field of a request that cannot be used.
         */
        WrongField: {
            /**
             * Pointer
             * @description Where it is: in the body as a JSON pointer, otherwise as query:NAME and so on.
             */
            pointer: string;
            /** Detail */
            detail: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Age = components['schemas']['Age'];
export type Aged = components['schemas']['Aged'];
export type Carried = components['schemas']['Carried'];
export type Compacted = components['schemas']['Compacted'];
export type Context = components['schemas']['Context'];
export type ContextAsked = components['schemas']['ContextAsked'];
export type ContextPart = components['schemas']['ContextPart'];
export type Embed = components['schemas']['Embed'];
export type Embedded = components['schemas']['Embedded'];
export type Entry = components['schemas']['Entry'];
export type Erase = components['schemas']['Erase'];
export type Export = components['schemas']['Export'];
export type Found = components['schemas']['Found'];
export type Health = components['schemas']['Health'];
export type History = components['schemas']['History'];
export type Hit = components['schemas']['Hit'];
export type Items = components['schemas']['Items'];
export type LevelSummary = components['schemas']['LevelSummary'];
export type Message = components['schemas']['Message'];
export type Messages = components['schemas']['Messages'];
export type NewMessage = components['schemas']['NewMessage'];
export type NewMessages = components['schemas']['NewMessages'];
export type Page = components['schemas']['Page'];
export type Pages = components['schemas']['Pages'];
export type Piece = components['schemas']['Piece'];
export type Pieces = components['schemas']['Pieces'];
export type PiecesAsked = components['schemas']['PiecesAsked'];
export type Pin = components['schemas']['Pin'];
export type Pinned = components['schemas']['Pinned'];
export type Place = components['schemas']['Place'];
export type Planned = components['schemas']['Planned'];
export type ProblemDocument = components['schemas']['ProblemDocument'];
export type Promote = components['schemas']['Promote'];
export type Read = components['schemas']['Read'];
export type Recall = components['schemas']['Recall'];
export type Recalled = components['schemas']['Recalled'];
export type RecalledMessage = components['schemas']['RecalledMessage'];
export type Receipt = components['schemas']['Receipt'];
export type Refusal = components['schemas']['Refusal'];
export type ScopeHeld = components['schemas']['ScopeHeld'];
export type Scopes = components['schemas']['Scopes'];
export type Search = components['schemas']['Search'];
export type Span = components['schemas']['Span'];
export type Stats = components['schemas']['Stats'];
export type Step = components['schemas']['Step'];
export type Verbatim = components['schemas']['Verbatim'];
export type WrongField = components['schemas']['WrongField'];
export type $defs = Record<string, never>;
export interface operations {
    messages_v1_messages_get: {
        parameters: {
            query?: {
                /** @description May be repeated: conditions that must all hold, such as "role = user". */
                where?: string[];
                limit?: number;
                /** @description Only this one, or what is on it. */
                page?: number | null;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Messages"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    add_messages_v1_messages_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessages"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Compacted"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    add_history_v1_histories_post: {
        parameters: {
            query?: {
                /** @description auto, or one that `memctl compact --help` names. */
                format?: string;
                expires?: number | null;
                restore?: boolean;
                finish?: boolean;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": Bytes;
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Compacted"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    finish_v1_finish_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Compacted"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    search_v1_search_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Search"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Found"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    recall_v1_recall_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Recall"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    read_v1_read_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Read"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Items"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    pieces_v1_pieces_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PiecesAsked"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pieces"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    context_v1_context_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContextAsked"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Context"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    pages_v1_pages_get: {
        parameters: {
            query?: {
                /** @description May be repeated: conditions that must all hold, such as "role = user". */
                where?: string[];
                limit?: number;
                /** @description Only this one, or what is on it. */
                page?: number | null;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pages"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    picture_v1_pages__page__picture_get: {
        parameters: {
            query?: {
                level?: ("large" | "base" | "small" | "tiny" | "faint" | "trace") | null;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path: {
                page: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": Blob;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    history_v1_history_get: {
        parameters: {
            query?: {
                limit?: number;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    stats_v1_stats_get: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    verbatim_v1_verbatim_get: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verbatim"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    scopes_v1_scopes_get: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scopes"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    policy_v1_policy_get: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    plan_v1_plan_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Age"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Planned"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    age_v1_age_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Age"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Aged"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    promote_v1_pages__page__promote_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path: {
                page: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Promote"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Step"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    pin_v1_pages__page__pin_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path: {
                page: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pin"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pinned"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    erase_v1_erase_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Erase"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    erase_scope_v1_scope_delete: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    export_scope_v1_export_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Export"];
            };
        };
        responses: {
            /** @description A store with this scope. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    import_scope_v1_import_post: {
        parameters: {
            query?: {
                /** @description If the file has several scopes. */
                which?: string | null;
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Of an encrypted file. */
                "fovea-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": Bytes;
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Carried"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    health_healthz_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    readiness_readyz_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    prometheus_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For Prometheus. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    embed_v1_embed_post: {
        parameters: {
            query?: {
                /** @description user/agent/session/run, or the first parts of it; left out: the token's own. */
                scope?: string | null;
            };
            header?: {
                /** @description Makes it safe to send the request again: with the same key and body it is done once, and answered alike for a day. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Embed"];
            };
        };
        responses: {
            /** @description The result. With `Accept: application/x-ndjson` lines of JSON: `progress` (done, total; 0: not known) while it is under way, then `result`, or `error` with problem details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Embedded"];
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
}
