# The App as a container: `docker build -t orchestrate-app .`, then as docs/hosting.md says.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY scripts scripts
COPY src src
COPY tsconfig.json ./
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build/app.js /app/build/plan-thread.js build/
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/health').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# no shell and no npm in between: signals reach the App, which finishes what it took
# the heap is bounded as in `npm run app`: docs/hosting.md
CMD ["node", "--max-old-space-size=192", "--max-semi-space-size=4", "build/app.js"]
