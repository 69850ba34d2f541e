import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Order as OrderSource } from '../domain/order.ts';
import type { ToldEvent } from '../live/events.ts';
import type { PaymentAttempt as PaymentAttemptSource } from '../domain/payment-fact.ts';
import type { Anomaly as AnomalySource } from '../domain/anomaly.ts';
import type { NotificationSource } from './notification.ts';
import type { NotificationConnectionSource } from './notification-connection.ts';
import type { OrderConnectionSource } from './order-connection.ts';
import type { GatewayContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** RFC 3339 timestamp with offset, e.g. `2026-01-01T00:00:00+08:00`. Answers are in UTC (`Z`). */
  DateTime: { input: Date; output: Date; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/** Something about an order's money that a person has to look at. */
export type Anomaly = {
  readonly __typename?: 'Anomaly';
  /** What the platform reported the payment to be for; null where transactionId is. */
  readonly amount?: Maybe<Money>;
  /** One sentence for the operator. */
  readonly detail: Scalars['String']['output'];
  readonly detectedAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  readonly kind: AnomalyKind;
  readonly resolution?: Maybe<Scalars['String']['output']>;
  readonly resolvedAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * The platform's number of the transaction that it is about, believed or not: what a refund in the merchant console needs. Null
   * when it is about the order, and in what an earlier version found.
   */
  readonly transactionId?: Maybe<Scalars['String']['output']>;
};

/** What is wrong with an order's money. Every anomaly waits for a person. */
export type AnomalyKind =
  /** The platform's total differs from the order's: never marks the order paid. */
  | 'AMOUNT_MISMATCH'
  /** A second successful transaction for one order. */
  | 'DUPLICATE_PAYMENT'
  /** mchid or appid is not this merchant's: never marks the order paid. */
  | 'MERCHANT_MISMATCH'
  /** Money arrived for an order that had been closed here. The order is PAID. */
  | 'PAID_AFTER_CLOSE'
  /** The payment is older than the order: never marks the order paid. */
  | 'PAID_BEFORE_ORDER'
  /** The platform could not pay the refund out. */
  | 'REFUND_ABNORMAL'
  /** A refund that was not requested through this gateway. */
  | 'REFUND_UNEXPECTED'
  /** A transaction that already paid another order: never marks the order paid. */
  | 'TRANSACTION_REUSED';

export type CloseOrderResult = NotFound | OrderNotPayable | OrderSuccess | PlatformUnavailable;

/** Why an order ended unpaid. */
export type CloseReason =
  /** Nobody paid in time. */
  | 'EXPIRED'
  /** The merchant closed it, or an operator did: the event `order.closed` names the source. */
  | 'MERCHANT'
  /** It was closed at the platform. */
  | 'PLATFORM';

export type ConfirmPaymentResult = NotFound | OrderSuccess | PlatformUnavailable;

export type CreateOrderInput = {
  readonly amount: MoneyInput;
  /** Up to 127 bytes of UTF-8 (42 Chinese characters), without emoji, invisible characters and line breaks; what the payer sees. */
  readonly description: Scalars['String']['input'];
  /** Defaults to two hours from now; at most 90 days ahead. */
  readonly expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Up to 4096 bytes of JSON, with at most 32 levels of lists and objects; returned unchanged. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** 6 to 32 characters: digits, letters, `_ - | *`. */
  readonly outTradeNo: Scalars['String']['input'];
  /** Starts a payment in the same call. The hosted pay page needs it: only the merchant knows who pays. */
  readonly payment?: InputMaybe<PaymentInput>;
};

export type CreateOrderResult = CreateOrderSuccess | InvalidInput | OutTradeNoConflict | PlatformRefused | PlatformUnavailable;

export type CreateOrderSuccess = {
  readonly __typename?: 'CreateOrderSuccess';
  /** Lets a page read, pay, confirm and watch this one order, and nothing else. Outlives the order's expiry by TOKEN_GRACE_SECONDS, a day by default. */
  readonly accessToken: Scalars['String']['output'];
  readonly order: Order;
  /** Set when a payment was asked for and the order can still be paid. */
  readonly payment?: Maybe<PaymentStarted>;
};

/** Through which endpoint a fact came in, or who caused it. */
export type EventSource =
  /** A call of this API. */
  | 'API'
  /** A row of the platform's bill. */
  | 'BILL'
  /** A callback from the platform. */
  | 'NOTIFY'
  /** A call of this API by an operator. */
  | 'OPERATOR'
  /** The platform's answer to a query. */
  | 'QUERY'
  /** This gateway by itself. */
  | 'SYSTEM';

/** Returned when an input is out of range. Nothing was changed. */
export type InvalidInput = Problem & {
  readonly __typename?: 'InvalidInput';
  /** Path of the input, e.g. `amount.total`. */
  readonly field: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
};

/** What the page hands to WeixinJSBridge `getBrandWCPayRequest`, `wx.chooseWXPay` or `wx.requestPayment`. */
export type JsapiParameters = {
  readonly __typename?: 'JsapiParameters';
  readonly appId: Scalars['String']['output'];
  readonly nonceStr: Scalars['String']['output'];
  /** `prepay_id=…` */
  readonly package: Scalars['String']['output'];
  /** Base64. */
  readonly paySign: Scalars['String']['output'];
  /** `RSA` */
  readonly signType: Scalars['String']['output'];
  /** Unix seconds, as text. */
  readonly timeStamp: Scalars['String']['output'];
};

/** The languages of explanations. */
export type Language =
  | 'EN'
  | 'ZH';

/** Whom an order pays. */
export type Merchant = {
  readonly __typename?: 'Merchant';
  /** The merchant's id in the configuration. */
  readonly id: Scalars['ID']['output'];
  /** The name that people know the merchant by; null when the merchant is not configured any more. */
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** An amount of money. */
export type Money = {
  readonly __typename?: 'Money';
  /** ISO 4217, e.g. `CNY`. */
  readonly currency: Scalars['String']['output'];
  /** In minor units: fen for CNY, so 100 is one yuan. */
  readonly total: Scalars['Int']['output'];
};

/** An amount of money. */
export type MoneyInput = {
  /** Only `CNY`. */
  readonly currency?: InputMaybe<Scalars['String']['input']>;
  /** In minor units: fen for CNY. 1 to 100000000. */
  readonly total: Scalars['Int']['input'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /**
   * Merchants and operators. Closes an unpaid order: asks the platform, closes every payment there, and asks again when in doubt. An order
   * that turns out to be paid is PAID, and the answer is OrderNotPayable. A closed order stays as it is.
   */
  readonly closeOrder: CloseOrderResult;
  /**
   * Anyone who may see the order. Asks the platform about a payment that this gateway has not heard of, and gives the order
   * as it is then. Calls for one order share one question; one follows another after two seconds at the earliest.
   */
  readonly confirmPayment: ConfirmPaymentResult;
  /**
   * Merchants. Creates the order and, with `payment`, starts a payment in the same call. The same outTradeNo with the
   * same input gives the same order again, so the call can be repeated after any failure.
   */
  readonly createOrder: CreateOrderResult;
  /**
   * Operators. Applies a stored notification again; `dryRun` only says what would change. The verdict of its receipt counts;
   * one that was refused is verified again as of the moment it came.
   */
  readonly replayNotification: ReplayNotificationResult;
  /** Merchants and operators. Notes that a person settled an anomaly. NotFound also when the order has no such anomaly. */
  readonly resolveAnomaly: ResolveAnomalyResult;
  /** Merchants, or the order's own token. Starts or resumes a payment of an unpaid order. */
  readonly startPayment: StartPaymentResult;
};


export type MutationCloseOrderArgs = {
  orderId: Scalars['ID']['input'];
};


export type MutationConfirmPaymentArgs = {
  orderId: Scalars['ID']['input'];
};


export type MutationCreateOrderArgs = {
  input: CreateOrderInput;
};


export type MutationReplayNotificationArgs = {
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  id: Scalars['ID']['input'];
};


export type MutationResolveAnomalyArgs = {
  anomalyId: Scalars['ID']['input'];
  orderId: Scalars['ID']['input'];
  resolution: Scalars['String']['input'];
};


export type MutationStartPaymentArgs = {
  input: StartPaymentInput;
};

/** Anything that can be fetched again by its id. */
export type Node = {
  readonly id: Scalars['ID']['output'];
};

/** Returned when there is no such order, or none that the caller may see. */
export type NotFound = Problem & {
  readonly __typename?: 'NotFound';
  readonly message: Scalars['String']['output'];
};

/** One callback from a platform: the exact bytes, what verification said, what became of it. */
export type Notification = Node & {
  readonly __typename?: 'Notification';
  /** How often the platform has sent it so far. */
  readonly attempts: Scalars['Int']['output'];
  /** Null when it was refused or cannot be read. */
  readonly eventType?: Maybe<Scalars['String']['output']>;
  /** One plain sentence for a person: why it was refused, or what it did. Only operators are told of other merchants. */
  readonly explanation: Scalars['String']['output'];
  readonly firstReceivedAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  readonly lastReceivedAt: Scalars['DateTime']['output'];
  readonly merchantId: Scalars['String']['output'];
  /**
   * The order that it changed or is about. Of one that was refused or cannot be read: the order that it names, which may be
   * forged when it was refused.
   */
  readonly order?: Maybe<Order>;
  readonly outcome: NotificationOutcome;
  readonly platform: Platform;
  /** The platform's id of the notification; null when it was refused or cannot be read. */
  readonly platformNotificationId?: Maybe<Scalars['String']['output']>;
  /** The body as it came, as text; of a refused one 8192 bytes at most. For operators; null for others. */
  readonly rawBody?: Maybe<Scalars['String']['output']>;
  /** The headers as they came, as pairs; of a refused one 8192 bytes at most. For operators; null for others. */
  readonly rawHeaders?: Maybe<Scalars['JSON']['output']>;
  readonly verdict: NotificationVerdict;
};


/** One callback from a platform: the exact bytes, what verification said, what became of it. */
export type NotificationExplanationArgs = {
  language?: InputMaybe<Language>;
};

/** One page of notifications, newest first. */
export type NotificationConnection = {
  readonly __typename?: 'NotificationConnection';
  readonly edges: ReadonlyArray<NotificationEdge>;
  readonly nodes: ReadonlyArray<Notification>;
  readonly pageInfo: PageInfo;
  /** How many there are on all pages together: exact up to 10000 of those that were kept, and 10000 of these for more. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A notification and its place in the list. */
export type NotificationEdge = {
  readonly __typename?: 'NotificationEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Notification;
};

/** Narrows a list of notifications. Absent fields do not narrow it. */
export type NotificationFilter = {
  /** For operators. For a merchant, another one's id gives an empty list. */
  readonly merchantId?: InputMaybe<Scalars['String']['input']>;
  readonly orderId?: InputMaybe<Scalars['ID']['input']>;
  readonly outcome?: InputMaybe<ReadonlyArray<NotificationOutcome>>;
  readonly verdict?: InputMaybe<ReadonlyArray<NotificationVerdict>>;
};

/** What became of a callback. */
export type NotificationOutcome =
  /** It changed its order. */
  | 'APPLIED'
  /** Its order knew it already. */
  | 'DUPLICATE'
  /** Something that this gateway does not handle. A version that handles it reads it again. */
  | 'IGNORED'
  /** It is stored and not applied yet. */
  | 'PENDING'
  /** It was not believed. */
  | 'REFUSED'
  /** Its order does not exist here yet; it is applied when the order appears. */
  | 'UNMATCHED';

/** What verification said of a callback. */
export type NotificationVerdict =
  | 'BAD_SIGNATURE'
  /** A header of the signature is not as documented. */
  | 'MALFORMED'
  /** A deliberately wrong signature, with which the platform tests that we verify. */
  | 'PROBE'
  /** Its clock and ours are five minutes or more apart. */
  | 'STALE_TIMESTAMP'
  /** The signature is good, but the APIv3 key does not open it. */
  | 'UNDECRYPTABLE'
  /** Signed by a key that is not known for this merchant. */
  | 'UNKNOWN_KEY'
  /** The signature is good, but this version cannot read it. It is kept, and applied by a version that can read it. */
  | 'UNREADABLE'
  | 'VERIFIED';

/** What a merchant wants to be paid, and what became of it. */
export type Order = Node & {
  readonly __typename?: 'Order';
  readonly amount: Money;
  /** Sum of the refunds, in minor units. */
  readonly amountRefunded: Scalars['Int']['output'];
  readonly anomalies: ReadonlyArray<Anomaly>;
  /** Payments that were started, oldest first. */
  readonly attempts: ReadonlyArray<PaymentAttempt>;
  /** Set when the status is CLOSED. */
  readonly closeReason?: Maybe<CloseReason>;
  readonly closedAt?: Maybe<Scalars['DateTime']['output']>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** What the payer sees on the cashier and on the bill. */
  readonly description: Scalars['String']['output'];
  /** Events with a seq above `after`, oldest first. Two events deep they are not given (`BAD_USER_INPUT`). */
  readonly events: ReadonlyArray<OrderEvent>;
  /** Until when the order can be paid. */
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** Whoever may see the order may see whom it pays. */
  readonly merchant: Merchant;
  /** The merchant's own JSON, as it was given. */
  readonly metadata?: Maybe<Scalars['JSON']['output']>;
  /** The merchant's own order number; unique for the merchant. */
  readonly outTradeNo: Scalars['String']['output'];
  /** When the money moved, by the platform's clock. */
  readonly paidAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the payer really paid, in minor units; coupons can make it less than amount.total. */
  readonly payerTotal?: Maybe<Scalars['Int']['output']>;
  /** The platform that was chosen for the first payment, and after payment the one that was paid through. */
  readonly platform?: Maybe<Platform>;
  /** The platform's raw state, e.g. `SUCCESS`. */
  readonly platformState?: Maybe<Scalars['String']['output']>;
  readonly refundState: RefundState;
  /** Number of the newest event; grows by one with each. */
  readonly seq: Scalars['Int']['output'];
  readonly status: OrderStatus;
  /** The platform's number of the transaction that paid the order. */
  readonly transactionId?: Maybe<Scalars['String']['output']>;
  readonly updatedAt: Scalars['DateTime']['output'];
};


/** What a merchant wants to be paid, and what became of it. */
export type OrderEventsArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
};

/** One page of orders, newest first. */
export type OrderConnection = {
  readonly __typename?: 'OrderConnection';
  readonly edges: ReadonlyArray<OrderEdge>;
  readonly nodes: ReadonlyArray<Order>;
  readonly pageInfo: PageInfo;
  /**
   * How many orders there are on all pages together: exact up to 10000, and 10000 for more. Of a filter by several of
   * `status`, `platform`, `hasAnomaly`, `hasOpenAnomaly` and `anomalyKind`, those among the newest 10000 orders that pass the
   * one of them that is expected to be the rarest.
   */
  readonly totalCount: Scalars['Int']['output'];
};

/** An order and its place in the list. */
export type OrderEdge = {
  readonly __typename?: 'OrderEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Order;
};

/** One recorded change of an order. */
export type OrderEvent = {
  readonly __typename?: 'OrderEvent';
  /** When it happened, by the platform's clock where it says. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** The order as it is after this event. */
  readonly order: Order;
  readonly orderId: Scalars['ID']['output'];
  /** When this gateway wrote it down. */
  readonly recordedAt: Scalars['DateTime']['output'];
  /** Counts 1, 2, 3 … within the order, without gaps. */
  readonly seq: Scalars['Int']['output'];
  readonly source: EventSource;
  /** `order.created`, `order.payment_started`, `order.paid`, `order.closed`, `anomaly.detected` or `anomaly.resolved`. */
  readonly type: Scalars['String']['output'];
};

/** Narrows a list of orders. Absent fields do not narrow it. */
export type OrderFilter = {
  /**
   * The order has an anomaly of one of these kinds, resolved or not. With `hasOpenAnomaly: true`, the open anomaly may be of
   * another kind. An empty list gives an empty list.
   */
  readonly anomalyKind?: InputMaybe<ReadonlyArray<AnomalyKind>>;
  /** Created at this moment or later. */
  readonly createdFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** Created before this moment. */
  readonly createdTo?: InputMaybe<Scalars['DateTime']['input']>;
  /** Whether the order has an anomaly, resolved or not. */
  readonly hasAnomaly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the order has an anomaly that is not resolved yet (`resolveAnomaly`). */
  readonly hasOpenAnomaly?: InputMaybe<Scalars['Boolean']['input']>;
  /** For operators, who see the orders of all merchants. For a merchant, another one's id gives an empty list. */
  readonly merchantId?: InputMaybe<Scalars['String']['input']>;
  readonly platform?: InputMaybe<Platform>;
  readonly status?: InputMaybe<ReadonlyArray<OrderStatus>>;
};

/** Returned when the order is paid, closed or expired. */
export type OrderNotPayable = Problem & {
  readonly __typename?: 'OrderNotPayable';
  readonly message: Scalars['String']['output'];
  readonly order: Order;
};

/** Where an order stands. Being paid outranks everything else: an order that is PAID stays PAID. */
export type OrderStatus =
  /** Ended unpaid. */
  | 'CLOSED'
  /** No payment has been started. */
  | 'CREATED'
  /** Money arrived. */
  | 'PAID'
  /** A payment can be or is being made. */
  | 'PENDING';

export type OrderSuccess = {
  readonly __typename?: 'OrderSuccess';
  readonly order: Order;
};

/** Returned when the merchant has an order with this number that was created with other input. */
export type OutTradeNoConflict = Problem & {
  readonly __typename?: 'OutTradeNoConflict';
  readonly message: Scalars['String']['output'];
  /** The order that has the number. */
  readonly order: Order;
};

/** Where a page lies in its list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Pass it as `after` to get the next page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** One payment that was started for an order. */
export type PaymentAttempt = {
  readonly __typename?: 'PaymentAttempt';
  readonly appId: Scalars['String']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly platform: Platform;
  /** The number that this attempt has at the platform (the order's outTradeNo for the first one). */
  readonly platformTradeNo: Scalars['String']['output'];
};

/** How the payer pays: exactly one of these. */
export type PaymentInput =
  { readonly wechatpay: WechatpayJsapiInput; };

/** A payment that the payer's page can make now. */
export type PaymentStarted = {
  readonly __typename?: 'PaymentStarted';
  readonly wechatpay?: Maybe<JsapiParameters>;
};

/** The payment platforms. */
export type Platform =
  | 'ALIPAY'
  | 'WECHATPAY';

/** Returned when the platform said no. */
export type PlatformRefused = Problem & {
  readonly __typename?: 'PlatformRefused';
  /** The platform's own code, e.g. `APPID_MCHID_NOT_MATCH`. */
  readonly code: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
};

/** Returned when the platform could not be asked, or its answer is not known: safe to call again with the same input. */
export type PlatformUnavailable = Problem & {
  readonly __typename?: 'PlatformUnavailable';
  readonly message: Scalars['String']['output'];
};

/** An expected failure. Each is a member of the result's union; unexpected ones are GraphQL errors. */
export type Problem = {
  /** One sentence: what is wrong. */
  readonly message: Scalars['String']['output'];
};

export type Query = {
  readonly __typename?: 'Query';
  /** Anything by its id; null when it does not exist or the caller may not see it. */
  readonly node?: Maybe<Node>;
  /**
   * Callbacks from the platforms, newest first: what was kept, and the newest of what was refused. Merchants and operators.
   * A page whose filter no index answers as a whole may have fewer nodes than `first`: go on with `endCursor`.
   * Errors: `BAD_USER_INPUT` when `first` is not 1 to 100 or `after` is not a cursor of this list.
   */
  readonly notifications: NotificationConnection;
  /**
   * An order by its id or by the merchant's own number; null when it does not exist or the caller may not see it.
   * With an order's access token and no argument: that order.
   */
  readonly order?: Maybe<Order>;
  /**
   * The caller's orders, newest first. Merchants and operators. A page whose filter no index answers as a whole may have fewer
   * nodes than `first`, even none, although `hasNextPage` is true: go on with `endCursor`.
   * Errors: `BAD_USER_INPUT` when `first` is not 1 to 100 or `after` is not a cursor of this list.
   */
  readonly orders: OrderConnection;
};


export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


export type QueryNotificationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<NotificationFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryOrderArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  merchantId?: InputMaybe<Scalars['String']['input']>;
  outTradeNo?: InputMaybe<Scalars['String']['input']>;
};


export type QueryOrdersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<OrderFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** Refunds as seen from the order. Orthogonal to OrderStatus: a refunded order stays PAID. */
export type RefundState =
  | 'FULL'
  | 'NONE'
  | 'PARTIAL'
  | 'PENDING';

export type ReplayNotificationResult = NotFound | ReplayNotificationSuccess;

export type ReplayNotificationSuccess = {
  readonly __typename?: 'ReplayNotificationSuccess';
  /** Types of the events that this replay wrote, or, dry, would write; empty when the order knew it all. */
  readonly changes: ReadonlyArray<Scalars['String']['output']>;
  readonly notification: Notification;
  readonly order?: Maybe<Order>;
};

export type ResolveAnomalyResult = NotFound | OrderSuccess;

export type StartPaymentInput = {
  readonly orderId: Scalars['ID']['input'];
  /**
   * Without it, the attempt that stands is resumed with freshly signed parameters: so a page pays that only holds the
   * order's token. Another payer than before gets an attempt of its own,
   * up to ten for an order.
   */
  readonly payment?: InputMaybe<PaymentInput>;
};

export type StartPaymentResult = InvalidInput | NotFound | OrderNotPayable | PlatformRefused | PlatformUnavailable | StartPaymentSuccess;

export type StartPaymentSuccess = {
  readonly __typename?: 'StartPaymentSuccess';
  readonly order: Order;
  readonly payment: PaymentStarted;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /**
   * Operators: all events of all orders, or of one merchant's, from now on: each once, those of one order in order. Events
   * that happen while nobody is connected are not told later: subscribe first, and read the orders second. Errors:
   * `FORBIDDEN` for merchants and order tokens; `TOO_SLOW`, the last that is told to a reader for whom more than 5000 events
   * waited, or when more orders changed than one look can find.
   */
  readonly operatorFeed: OrderEvent;
  /**
   * Every event with a seq above `after`, first those already recorded, then live: no gap, no repetition, in order. After a
   * disconnection, subscribe again with the seq of the last event that arrived. Ends when the access token expires.
   * Errors: as orderPaid, and `BAD_USER_INPUT` when `after` is negative or above the newest event's seq.
   */
  readonly orderEvents: OrderEvent;
  /**
   * Emits the order once, when it is PAID - at once if it already is - and completes.
   * Errors: `NOT_FOUND` when there is no such order or none that the caller may see.
   */
  readonly orderPaid: Order;
  /**
   * Emits the order as it is now, then after changes; a slow reader is told the newest state only. Ends when the access
   * token expires. Errors: as orderPaid.
   */
  readonly orderUpdated: Order;
};


export type SubscriptionOperatorFeedArgs = {
  merchantId?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionOrderEventsArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
};


export type SubscriptionOrderPaidArgs = {
  id: Scalars['ID']['input'];
};


export type SubscriptionOrderUpdatedArgs = {
  id: Scalars['ID']['input'];
};

/** A WeChat Pay payment inside WeChat (JSAPI or mini program). */
export type WechatpayJsapiInput = {
  /** One of the merchant's app ids; the first one when absent. */
  readonly appId?: InputMaybe<Scalars['String']['input']>;
  /** The payer's openid under `appId`. */
  readonly openid: Scalars['String']['input'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  CloseOrderResult:
    | ( NotFound )
    | ( Omit<OrderNotPayable, 'order'> & { order: _RefType['Order'] } )
    | ( Omit<OrderSuccess, 'order'> & { order: _RefType['Order'] } )
    | ( PlatformUnavailable )
  ;
  ConfirmPaymentResult:
    | ( NotFound )
    | ( Omit<OrderSuccess, 'order'> & { order: _RefType['Order'] } )
    | ( PlatformUnavailable )
  ;
  CreateOrderResult:
    | ( Omit<CreateOrderSuccess, 'order'> & { order: _RefType['Order'] } )
    | ( InvalidInput )
    | ( Omit<OutTradeNoConflict, 'order'> & { order: _RefType['Order'] } )
    | ( PlatformRefused )
    | ( PlatformUnavailable )
  ;
  ReplayNotificationResult:
    | ( NotFound )
    | ( Omit<ReplayNotificationSuccess, 'notification' | 'order'> & { notification: _RefType['Notification'], order?: Maybe<_RefType['Order']> } )
  ;
  ResolveAnomalyResult:
    | ( NotFound )
    | ( Omit<OrderSuccess, 'order'> & { order: _RefType['Order'] } )
  ;
  StartPaymentResult:
    | ( InvalidInput )
    | ( NotFound )
    | ( Omit<OrderNotPayable, 'order'> & { order: _RefType['Order'] } )
    | ( PlatformRefused )
    | ( PlatformUnavailable )
    | ( Omit<StartPaymentSuccess, 'order'> & { order: _RefType['Order'] } )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( NotificationSource )
    | ( OrderSource )
  ;
  Problem:
    | ( InvalidInput )
    | ( NotFound )
    | ( Omit<OrderNotPayable, 'order'> & { order: _RefType['Order'] } )
    | ( Omit<OutTradeNoConflict, 'order'> & { order: _RefType['Order'] } )
    | ( PlatformRefused )
    | ( PlatformUnavailable )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Anomaly: ResolverTypeWrapper<AnomalySource>;
  AnomalyKind: AnomalyKind;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CloseOrderResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CloseOrderResult']>;
  CloseReason: CloseReason;
  ConfirmPaymentResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ConfirmPaymentResult']>;
  CreateOrderInput: CreateOrderInput;
  CreateOrderResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateOrderResult']>;
  CreateOrderSuccess: ResolverTypeWrapper<Omit<CreateOrderSuccess, 'order'> & { order: ResolversTypes['Order'] }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  EventSource: EventSource;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  InvalidInput: ResolverTypeWrapper<InvalidInput>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  JsapiParameters: ResolverTypeWrapper<JsapiParameters>;
  Language: Language;
  Merchant: ResolverTypeWrapper<Merchant>;
  Money: ResolverTypeWrapper<Money>;
  MoneyInput: MoneyInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  NotFound: ResolverTypeWrapper<NotFound>;
  Notification: ResolverTypeWrapper<NotificationSource>;
  NotificationConnection: ResolverTypeWrapper<NotificationConnectionSource>;
  NotificationEdge: ResolverTypeWrapper<Omit<NotificationEdge, 'node'> & { node: ResolversTypes['Notification'] }>;
  NotificationFilter: NotificationFilter;
  NotificationOutcome: NotificationOutcome;
  NotificationVerdict: NotificationVerdict;
  Order: ResolverTypeWrapper<OrderSource>;
  OrderConnection: ResolverTypeWrapper<OrderConnectionSource>;
  OrderEdge: ResolverTypeWrapper<Omit<OrderEdge, 'node'> & { node: ResolversTypes['Order'] }>;
  OrderEvent: ResolverTypeWrapper<ToldEvent>;
  OrderFilter: OrderFilter;
  OrderNotPayable: ResolverTypeWrapper<Omit<OrderNotPayable, 'order'> & { order: ResolversTypes['Order'] }>;
  OrderStatus: OrderStatus;
  OrderSuccess: ResolverTypeWrapper<Omit<OrderSuccess, 'order'> & { order: ResolversTypes['Order'] }>;
  OutTradeNoConflict: ResolverTypeWrapper<Omit<OutTradeNoConflict, 'order'> & { order: ResolversTypes['Order'] }>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PaymentAttempt: ResolverTypeWrapper<PaymentAttemptSource>;
  PaymentInput: PaymentInput;
  PaymentStarted: ResolverTypeWrapper<PaymentStarted>;
  Platform: Platform;
  PlatformRefused: ResolverTypeWrapper<PlatformRefused>;
  PlatformUnavailable: ResolverTypeWrapper<PlatformUnavailable>;
  Problem: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Problem']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefundState: RefundState;
  ReplayNotificationResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ReplayNotificationResult']>;
  ReplayNotificationSuccess: ResolverTypeWrapper<Omit<ReplayNotificationSuccess, 'notification' | 'order'> & { notification: ResolversTypes['Notification'], order?: Maybe<ResolversTypes['Order']> }>;
  ResolveAnomalyResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ResolveAnomalyResult']>;
  StartPaymentInput: StartPaymentInput;
  StartPaymentResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['StartPaymentResult']>;
  StartPaymentSuccess: ResolverTypeWrapper<Omit<StartPaymentSuccess, 'order'> & { order: ResolversTypes['Order'] }>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  WechatpayJsapiInput: WechatpayJsapiInput;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Anomaly: AnomalySource;
  Boolean: Scalars['Boolean']['output'];
  CloseOrderResult: ResolversUnionTypes<ResolversParentTypes>['CloseOrderResult'];
  ConfirmPaymentResult: ResolversUnionTypes<ResolversParentTypes>['ConfirmPaymentResult'];
  CreateOrderInput: CreateOrderInput;
  CreateOrderResult: ResolversUnionTypes<ResolversParentTypes>['CreateOrderResult'];
  CreateOrderSuccess: Omit<CreateOrderSuccess, 'order'> & { order: ResolversParentTypes['Order'] };
  DateTime: Scalars['DateTime']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  InvalidInput: InvalidInput;
  JSON: Scalars['JSON']['output'];
  JsapiParameters: JsapiParameters;
  Merchant: Merchant;
  Money: Money;
  MoneyInput: MoneyInput;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  NotFound: NotFound;
  Notification: NotificationSource;
  NotificationConnection: NotificationConnectionSource;
  NotificationEdge: Omit<NotificationEdge, 'node'> & { node: ResolversParentTypes['Notification'] };
  NotificationFilter: NotificationFilter;
  Order: OrderSource;
  OrderConnection: OrderConnectionSource;
  OrderEdge: Omit<OrderEdge, 'node'> & { node: ResolversParentTypes['Order'] };
  OrderEvent: ToldEvent;
  OrderFilter: OrderFilter;
  OrderNotPayable: Omit<OrderNotPayable, 'order'> & { order: ResolversParentTypes['Order'] };
  OrderSuccess: Omit<OrderSuccess, 'order'> & { order: ResolversParentTypes['Order'] };
  OutTradeNoConflict: Omit<OutTradeNoConflict, 'order'> & { order: ResolversParentTypes['Order'] };
  PageInfo: PageInfo;
  PaymentAttempt: PaymentAttemptSource;
  PaymentInput: PaymentInput;
  PaymentStarted: PaymentStarted;
  PlatformRefused: PlatformRefused;
  PlatformUnavailable: PlatformUnavailable;
  Problem: ResolversInterfaceTypes<ResolversParentTypes>['Problem'];
  Query: Record<PropertyKey, never>;
  ReplayNotificationResult: ResolversUnionTypes<ResolversParentTypes>['ReplayNotificationResult'];
  ReplayNotificationSuccess: Omit<ReplayNotificationSuccess, 'notification' | 'order'> & { notification: ResolversParentTypes['Notification'], order?: Maybe<ResolversParentTypes['Order']> };
  ResolveAnomalyResult: ResolversUnionTypes<ResolversParentTypes>['ResolveAnomalyResult'];
  StartPaymentInput: StartPaymentInput;
  StartPaymentResult: ResolversUnionTypes<ResolversParentTypes>['StartPaymentResult'];
  StartPaymentSuccess: Omit<StartPaymentSuccess, 'order'> & { order: ResolversParentTypes['Order'] };
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  WechatpayJsapiInput: WechatpayJsapiInput;
};

export type AnomalyResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Anomaly'] = ResolversParentTypes['Anomaly']> = {
  amount?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  detectedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['AnomalyKind'], ParentType, ContextType>;
  resolution?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  resolvedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  transactionId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type CloseOrderResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['CloseOrderResult'] = ResolversParentTypes['CloseOrderResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'OrderNotPayable' | 'OrderSuccess' | 'PlatformUnavailable', ParentType, ContextType>;
};

export type ConfirmPaymentResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['ConfirmPaymentResult'] = ResolversParentTypes['ConfirmPaymentResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'OrderSuccess' | 'PlatformUnavailable', ParentType, ContextType>;
};

export type CreateOrderResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['CreateOrderResult'] = ResolversParentTypes['CreateOrderResult']> = {
  __resolveType: TypeResolveFn<'CreateOrderSuccess' | 'InvalidInput' | 'OutTradeNoConflict' | 'PlatformRefused' | 'PlatformUnavailable', ParentType, ContextType>;
};

export type CreateOrderSuccessResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['CreateOrderSuccess'] = ResolversParentTypes['CreateOrderSuccess']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  payment?: Resolver<Maybe<ResolversTypes['PaymentStarted']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type InvalidInputResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['InvalidInput'] = ResolversParentTypes['InvalidInput']> = {
  field?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type JsapiParametersResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['JsapiParameters'] = ResolversParentTypes['JsapiParameters']> = {
  appId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nonceStr?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  package?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  paySign?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  signType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  timeStamp?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MerchantResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Merchant'] = ResolversParentTypes['Merchant']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  closeOrder?: Resolver<ResolversTypes['CloseOrderResult'], ParentType, ContextType, RequireFields<MutationCloseOrderArgs, 'orderId'>>;
  confirmPayment?: Resolver<ResolversTypes['ConfirmPaymentResult'], ParentType, ContextType, RequireFields<MutationConfirmPaymentArgs, 'orderId'>>;
  createOrder?: Resolver<ResolversTypes['CreateOrderResult'], ParentType, ContextType, RequireFields<MutationCreateOrderArgs, 'input'>>;
  replayNotification?: Resolver<ResolversTypes['ReplayNotificationResult'], ParentType, ContextType, RequireFields<MutationReplayNotificationArgs, 'dryRun' | 'id'>>;
  resolveAnomaly?: Resolver<ResolversTypes['ResolveAnomalyResult'], ParentType, ContextType, RequireFields<MutationResolveAnomalyArgs, 'anomalyId' | 'orderId' | 'resolution'>>;
  startPayment?: Resolver<ResolversTypes['StartPaymentResult'], ParentType, ContextType, RequireFields<MutationStartPaymentArgs, 'input'>>;
};

export type NodeResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Notification' | 'Order', ParentType, ContextType>;
};

export type NotFoundResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['NotFound'] = ResolversParentTypes['NotFound']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type NotificationResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Notification'] = ResolversParentTypes['Notification']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  eventType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  explanation?: Resolver<ResolversTypes['String'], ParentType, ContextType, RequireFields<NotificationExplanationArgs, 'language'>>;
  firstReceivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastReceivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  merchantId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['NotificationOutcome'], ParentType, ContextType>;
  platform?: Resolver<ResolversTypes['Platform'], ParentType, ContextType>;
  platformNotificationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rawBody?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rawHeaders?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['NotificationVerdict'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type NotificationConnectionResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['NotificationConnection'] = ResolversParentTypes['NotificationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['NotificationEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Notification']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type NotificationEdgeResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['NotificationEdge'] = ResolversParentTypes['NotificationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Notification'], ParentType, ContextType>;
};

export type OrderResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Order'] = ResolversParentTypes['Order']> = {
  amount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  amountRefunded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  anomalies?: Resolver<ReadonlyArray<ResolversTypes['Anomaly']>, ParentType, ContextType>;
  attempts?: Resolver<ReadonlyArray<ResolversTypes['PaymentAttempt']>, ParentType, ContextType>;
  closeReason?: Resolver<Maybe<ResolversTypes['CloseReason']>, ParentType, ContextType>;
  closedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  events?: Resolver<ReadonlyArray<ResolversTypes['OrderEvent']>, ParentType, ContextType, RequireFields<OrderEventsArgs, 'after'>>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  merchant?: Resolver<ResolversTypes['Merchant'], ParentType, ContextType>;
  metadata?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  outTradeNo?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  paidAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  payerTotal?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  platform?: Resolver<Maybe<ResolversTypes['Platform']>, ParentType, ContextType>;
  platformState?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  refundState?: Resolver<ResolversTypes['RefundState'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['OrderStatus'], ParentType, ContextType>;
  transactionId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type OrderConnectionResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OrderConnection'] = ResolversParentTypes['OrderConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['OrderEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Order']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OrderEdgeResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OrderEdge'] = ResolversParentTypes['OrderEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
};

export type OrderEventResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OrderEvent'] = ResolversParentTypes['OrderEvent']> = {
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  orderId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['EventSource'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type OrderNotPayableResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OrderNotPayable'] = ResolversParentTypes['OrderNotPayable']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type OrderSuccessResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OrderSuccess'] = ResolversParentTypes['OrderSuccess']> = {
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type OutTradeNoConflictResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['OutTradeNoConflict'] = ResolversParentTypes['OutTradeNoConflict']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PaymentAttemptResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['PaymentAttempt'] = ResolversParentTypes['PaymentAttempt']> = {
  appId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  platform?: Resolver<ResolversTypes['Platform'], ParentType, ContextType>;
  platformTradeNo?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PaymentStartedResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['PaymentStarted'] = ResolversParentTypes['PaymentStarted']> = {
  wechatpay?: Resolver<Maybe<ResolversTypes['JsapiParameters']>, ParentType, ContextType>;
};

export type PlatformRefusedResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['PlatformRefused'] = ResolversParentTypes['PlatformRefused']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PlatformUnavailableResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['PlatformUnavailable'] = ResolversParentTypes['PlatformUnavailable']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProblemResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Problem'] = ResolversParentTypes['Problem']> = {
  __resolveType: TypeResolveFn<'InvalidInput' | 'NotFound' | 'OrderNotPayable' | 'OutTradeNoConflict' | 'PlatformRefused' | 'PlatformUnavailable', ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  notifications?: Resolver<ResolversTypes['NotificationConnection'], ParentType, ContextType, RequireFields<QueryNotificationsArgs, 'first'>>;
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType, Partial<QueryOrderArgs>>;
  orders?: Resolver<ResolversTypes['OrderConnection'], ParentType, ContextType, RequireFields<QueryOrdersArgs, 'first'>>;
};

export type ReplayNotificationResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['ReplayNotificationResult'] = ResolversParentTypes['ReplayNotificationResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'ReplayNotificationSuccess', ParentType, ContextType>;
};

export type ReplayNotificationSuccessResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['ReplayNotificationSuccess'] = ResolversParentTypes['ReplayNotificationSuccess']> = {
  changes?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  notification?: Resolver<ResolversTypes['Notification'], ParentType, ContextType>;
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ResolveAnomalyResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['ResolveAnomalyResult'] = ResolversParentTypes['ResolveAnomalyResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'OrderSuccess', ParentType, ContextType>;
};

export type StartPaymentResultResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['StartPaymentResult'] = ResolversParentTypes['StartPaymentResult']> = {
  __resolveType: TypeResolveFn<'InvalidInput' | 'NotFound' | 'OrderNotPayable' | 'PlatformRefused' | 'PlatformUnavailable' | 'StartPaymentSuccess', ParentType, ContextType>;
};

export type StartPaymentSuccessResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['StartPaymentSuccess'] = ResolversParentTypes['StartPaymentSuccess']> = {
  order?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
  payment?: Resolver<ResolversTypes['PaymentStarted'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GatewayContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  operatorFeed?: SubscriptionResolver<ResolversTypes['OrderEvent'], "operatorFeed", ParentType, ContextType, Partial<SubscriptionOperatorFeedArgs>>;
  orderEvents?: SubscriptionResolver<ResolversTypes['OrderEvent'], "orderEvents", ParentType, ContextType, RequireFields<SubscriptionOrderEventsArgs, 'after' | 'id'>>;
  orderPaid?: SubscriptionResolver<ResolversTypes['Order'], "orderPaid", ParentType, ContextType, RequireFields<SubscriptionOrderPaidArgs, 'id'>>;
  orderUpdated?: SubscriptionResolver<ResolversTypes['Order'], "orderUpdated", ParentType, ContextType, RequireFields<SubscriptionOrderUpdatedArgs, 'id'>>;
};

export type Resolvers<ContextType = GatewayContext> = {
  Anomaly?: AnomalyResolvers<ContextType>;
  CloseOrderResult?: CloseOrderResultResolvers<ContextType>;
  ConfirmPaymentResult?: ConfirmPaymentResultResolvers<ContextType>;
  CreateOrderResult?: CreateOrderResultResolvers<ContextType>;
  CreateOrderSuccess?: CreateOrderSuccessResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  InvalidInput?: InvalidInputResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  JsapiParameters?: JsapiParametersResolvers<ContextType>;
  Merchant?: MerchantResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  NotFound?: NotFoundResolvers<ContextType>;
  Notification?: NotificationResolvers<ContextType>;
  NotificationConnection?: NotificationConnectionResolvers<ContextType>;
  NotificationEdge?: NotificationEdgeResolvers<ContextType>;
  Order?: OrderResolvers<ContextType>;
  OrderConnection?: OrderConnectionResolvers<ContextType>;
  OrderEdge?: OrderEdgeResolvers<ContextType>;
  OrderEvent?: OrderEventResolvers<ContextType>;
  OrderNotPayable?: OrderNotPayableResolvers<ContextType>;
  OrderSuccess?: OrderSuccessResolvers<ContextType>;
  OutTradeNoConflict?: OutTradeNoConflictResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PaymentAttempt?: PaymentAttemptResolvers<ContextType>;
  PaymentStarted?: PaymentStartedResolvers<ContextType>;
  PlatformRefused?: PlatformRefusedResolvers<ContextType>;
  PlatformUnavailable?: PlatformUnavailableResolvers<ContextType>;
  Problem?: ProblemResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  ReplayNotificationResult?: ReplayNotificationResultResolvers<ContextType>;
  ReplayNotificationSuccess?: ReplayNotificationSuccessResolvers<ContextType>;
  ResolveAnomalyResult?: ResolveAnomalyResultResolvers<ContextType>;
  StartPaymentResult?: StartPaymentResultResolvers<ContextType>;
  StartPaymentSuccess?: StartPaymentSuccessResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
};

