'use strict'
// kafkajs behind the contract of the drivers: a line of JSON for each request, a line for each answer.

const readline = require('node:readline')

// lz4 has the same functions in JavaScript and in C++: the former need no compiler.
const native = require.resolve('lz4/lib/utils')
require.cache[native] = { id: native, filename: native, loaded: true, exports: require('lz4/lib/utils-js') }

const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')
const Snappy = require('kafkajs-snappy')
const LZ4 = require('kafkajs-lz4')
const { ZstdCodec } = require('zstd-codec')

const decode = (text) => (text === null || text === undefined ? null : Buffer.from(text, 'base64'))
const encode = (data) => (data === null || data === undefined ? null : Buffer.from(data).toString('base64'))
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n')
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// Snappy and lz4 as their packages say. The package for zstd is bound to C++ that no longer compiles: the library is given here as WebAssembly.
function registerCodecs() {
  CompressionCodecs[CompressionTypes.Snappy] = Snappy
  CompressionCodecs[CompressionTypes.LZ4] = new LZ4().codec
  const zstd = new Promise((resolve) => ZstdCodec.run((library) => resolve(new library.Streaming())))
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder) => Buffer.from((await zstd).compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from((await zstd).decompress(buffer)),
  })
}

// Standard output is for answers.
const logCreator = () => ({ label, log }) => process.stderr.write(`${label} ${log.message} ${log.error || ''}\n`)

const connect = (request) =>
  new Kafka({ clientId: 'harness', brokers: [request.broker], logLevel: logLevel.WARN, logCreator, retry: { initialRetryTime: 50 } })

// A name that comes more than once has a list of values.
function headersOf(record) {
  const headers = {}
  for (const { key, value } of record.headers || []) {
    headers[key] = key in headers ? [].concat(headers[key], [decode(value)]) : decode(value)
  }
  return headers
}

const listOf = (headers) => Object.entries(headers || {}).flatMap(([key, value]) => [].concat(value).map((one) => ({ key, value: encode(one) })))

async function produce(request) {
  const compression = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }[request.codec || 'none']
  const producer = connect(request).producer({ allowAutoTopicCreation: false })
  await producer.connect()
  try {
    await producer.send({
      topic: request.topic,
      acks: request.acks === undefined ? -1 : request.acks,
      compression,
      timeout: request.timeoutMs || 60000,
      messages: request.records.map((record) => ({
        partition: record.partition,
        key: decode(record.key),
        value: decode(record.value),
        headers: headersOf(record),
        timestamp: record.timestamp === undefined ? undefined : String(record.timestamp),
      })),
    })
    return {}
  } finally {
    await producer.disconnect()
  }
}

// kafkajs reads in groups only, so this is one with a single member.
async function consume(request) {
  const consumer = connect(request).consumer({ groupId: `reader-${request.topic}-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 100 })
  const records = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic: request.topic, fromBeginning: true })
    const complete = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${records.length} of ${request.count} records came in time`)),
        request.timeoutMs || 60000,
      )
      // What it tries again by itself, such as a coordinator that is not ready yet, is no crash to us.
      consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error))
      consumer.run({
        autoCommit: false,
        eachMessage: async ({ partition, message }) => {
          records.push({
            partition,
            offset: Number(message.offset),
            key: encode(message.key),
            value: encode(message.value),
            headers: listOf(message.headers),
            timestamp: Number(message.timestamp),
          })
          if (records.length === request.count) {
            clearTimeout(timer)
            resolve()
          }
        },
      }).catch(reject)
    })
    await complete
    return { records }
  } finally {
    await consumer.disconnect()
  }
}

// Says what it gets before it commits it, so that what it said stands even when it is killed in between.
async function join(request, ended) {
  const consumer = connect(request).consumer({
    groupId: request.group,
    sessionTimeout: request.sessionTimeoutMs,
    rebalanceTimeout: 30000,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 100,
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    say({ event: 'assigned', partitions: (payload.memberAssignment[request.topic] || []).slice().sort() }))
  await consumer.connect()
  await consumer.subscribe({ topic: request.topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      for (const message of batch.messages) {
        if (!isRunning() || isStale()) {
          return
        }
        say({ event: 'received', partition: batch.partition, offset: Number(message.offset), value: encode(message.value) })
        resolveOffset(message.offset)
      }
      const offset = Number(batch.lastOffset()) + 1
      try {
        await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset: String(offset) }])
        say({ event: 'committed', partition: batch.partition, offset })
      } catch (error) {
        // The group rebalances: the records come again, to whoever has the partition next.
        say({ event: 'commitFailed', partition: batch.partition, reason: String(error) })
      }
      await heartbeat()
    },
  })
  await ended
  await consumer.disconnect()
  say({ event: 'left' })
}

async function main() {
  registerCodecs()
  const lines = readline.createInterface({ input: process.stdin })
  const ended = new Promise((resolve) => lines.once('close', resolve))
  let work = Promise.resolve()
  lines.on('line', (line) => {
    const request = JSON.parse(line)
    work = request.do === 'join'
      ? join(request, ended)
      : work.then(() => ({ produce, consume })[request.do](request)).then(say, (error) => say({ error: String(error) }))
  })
  await ended
  await work
  await pause(0)
  process.exit(0)
}

main()
